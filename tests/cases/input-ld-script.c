//# about: A GNU ld script in place of a library: GROUP, AS_NEEDED, comments, -l names, quoted names.
//# manual: c.c
//# sh: $CC -fPIC -shared c.c -o libc_part.so && $AR qcs a.a a.o && $AR qcs libb_part.a b.o
//# args: main.o -L. -lscript
//# oracle-flags: -Wl,-rpath,.
//# stdout: 6
#include <stdio.h>
int a(void);
int main(void) { printf("%d\n", a()); }
//# file: a.c
int b(void);
int a(void) { return b() + 1; }
//# file: b.c
int c(void);
int b(void) { return c() + 2; }
//# file: c.c
int c(void) { return 3; }
//# file: libscript.so
/* GNU ld script
   with a comment over two lines */
OUTPUT_FORMAT(elf64-x86-64)
GROUP ( "a.a" -lb_part AS_NEEDED ( libc_part.so ) )
