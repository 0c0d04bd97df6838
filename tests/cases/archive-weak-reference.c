//# about: A weak reference takes no member; its value is 0.
//# archive: libx.a maybe.o
//# stdout: absent
#include <stdio.h>
__attribute__((weak)) void maybe(void);
int main(void) { puts(maybe ? "present" : "absent"); }
//# file: maybe.c
void maybe(void) {}
