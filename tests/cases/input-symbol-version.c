//# about: Two versions of one symbol: a plain reference gets the default one, .symver the one it names.
//# shared: libv.so v.c -Wl,--version-script=v.map
//# stdout: 2 1 2
#include <stdio.h>
int foo(void), foo_old(void), foo_new(void);
__asm__(".symver foo_old, foo@V1\n.symver foo_new, foo@V2");
int main(void) { printf("%d %d %d\n", foo(), foo_old(), foo_new()); }
//# file: v.c
__asm__(".symver foo_1, foo@V1\n.symver foo_2, foo@@V2");
int foo_1(void) { return 1; }
int foo_2(void) { return 2; }
//# file: v.map
V1 { global: foo; local: *; };
V2 { global: foo; } V1;
