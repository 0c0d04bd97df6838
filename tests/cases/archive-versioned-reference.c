//# about: A reference to f@V2 takes the member that defines f@@V2; the plain name is defined with it.
//# archive: libx.a used.o
//# stdout: 2 2
#include <stdio.h>
int newer(void);
__attribute__((weak)) int f(void);
__asm__(".symver newer, f@V2");
int main(void) { printf("%d %d\n", newer(), f ? f() : 0); }
//# file: used.c
__asm__(".symver f2, f@@V2");
int f2(void) { return 2; }
