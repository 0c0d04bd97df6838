//# about: The index of a BSD archive lists default versions (f@@V2), too.
//# compilers: clang
//# needs: llvm-ar ld.lld
//# oracle-flags: -fuse-ld=lld
//# archive: libx.a [bsd] unneeded.o used.o
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
