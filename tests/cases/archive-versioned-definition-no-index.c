//# about: Without an index, too, a member that defines f@@V2 is taken for f.
//# compilers: clang
//# needs: ld.lld
//# oracle-flags: -fuse-ld=lld
//# archive: libx.a [no-index] unneeded.o used.o
//# stdout: 2
#include <stdio.h>
int f(void);
int main(void) { printf("%d\n", f()); }
//# file: used.c
__asm__(".symver f2, f@@V2");
int f2(void) { return 2; }
//# file: unneeded.c
void nobody_defines_this(void);
void unneeded(void) { nobody_defines_this(); }
