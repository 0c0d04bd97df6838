//# about: A common symbol gives way to a default version (shared_number@@V1) that a member defines.
//# flags: -fcommon
//# archive: libx.a defined.o
//# stdout: 11
#include <stdio.h>
int shared_number;
int main(void) { printf("%d\n", shared_number); }
//# file: defined.c
__asm__(".symver number, shared_number@@V1");
int number = 11;
