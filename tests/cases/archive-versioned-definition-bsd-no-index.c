//# about: Default versions (f@@V2) are found in the index of a BSD archive, too, and in members without an index.
//# compilers: clang
//# needs: llvm-ar ld.lld
//# oracle-flags: -fuse-ld=lld
//# archive: libbsd.a [bsd] unneeded.o used.o
//# archive: libplain.a [no-index] unused.o taken.o
//# stdout: 2 3
#include <stdio.h>
int f(void), g(void);
int main(void) { printf("%d %d\n", f(), g()); }
//# file: used.c
__asm__(".symver f2, f@@V2");
int f2(void) { return 2; }
//# file: unneeded.c
void nobody_defines_this(void);
void unneeded(void) { nobody_defines_this(); }
//# file: taken.c
__asm__(".symver g2, g@@V2");
int g2(void) { return 3; }
//# file: unused.c
void nobody_defines_this(void);
void unused(void) { nobody_defines_this(); }
