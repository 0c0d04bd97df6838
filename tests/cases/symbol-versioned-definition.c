//# about: A definition with a version of its own (foo@@V1) serves plain references within the set.
//# compilers: clang
//# needs: ld.lld
//# oracle-flags: -fuse-ld=lld -Wl,--version-script=v.map
//# stdout: 1
#include <stdio.h>
int foo(void);
int main(void) { printf("%d\n", foo()); }
//# file: foo.c
__asm__(".symver foo_1, foo@@V1");
int foo_1(void) { return 1; }
//# file: v.map
V1 { global: foo; };
