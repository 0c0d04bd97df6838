//# about: An object between --start-lib and --end-lib that defines f@@V2 takes part where f is needed.
//# compilers: clang
//# needs: ld.lld
//# args: main.o --start-lib unneeded.o used.o --end-lib
//# oracle-flags: -fuse-ld=lld
//# oracle-args: main.o -Wl,--start-lib unneeded.o used.o -Wl,--end-lib
//# stdout: 2
#include <stdio.h>
int f(void);
int main(void) { printf("%d\n", f()); }
//# file: used.c
__asm__(".symver f2, f@@V2");
int f2(void) { return 2; }
//# file: unneeded.c
void nobody_defines_this(void);
__asm__(".symver g2, g@@V2");
void g2(void) { nobody_defines_this(); }
