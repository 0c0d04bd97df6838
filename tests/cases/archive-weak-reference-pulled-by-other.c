//# about: A weak reference sees a definition that came in for another reason.
//# archive: libx.a maybe.o
//# stdout: present 1
#include <stdio.h>
__attribute__((weak)) int maybe(void);
int needed(void);
int main(void) { printf("%s %d\n", maybe ? "present" : "absent", needed()); }
//# file: maybe.c
int maybe(void) { return 2; }
int needed(void) { return 1; }
