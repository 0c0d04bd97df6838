//# about: An archive without a symbol index works like one with it.
//# compilers: clang
//# needs: ld.lld
//# oracle-flags: -fuse-ld=lld
//# archive: libx.a [no-index] unneeded.o used.o helper.o
//# stdout: 42
#include <stdio.h>
int used(void);
int main(void) { printf("%d\n", used()); }
//# file: used.c
int helper(void);
int used(void) { return helper() * 2; }
//# file: helper.c
int helper(void) { return 21; }
//# file: unneeded.c
void nobody_defines_this(void);
void unneeded(void) { nobody_defines_this(); }
