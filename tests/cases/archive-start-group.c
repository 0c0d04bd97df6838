//# about: --start-group and --end-group are accepted.
//# archive: liba.a a1.o a2.o
//# archive: libb.a b1.o
//# args: --start-group libb.a liba.a --end-group main.o
//# oracle-args: main.o -Wl,--start-group libb.a liba.a -Wl,--end-group
//# stdout: 3
#include <stdio.h>
int a1(void);
int main(void) { printf("%d\n", a1()); }
//# file: a1.c
int b1(void);
int a1(void) { return b1() + 1; }
//# file: b1.c
int a2(void);
int b1(void) { return a2() + 1; }
//# file: a2.c
int a2(void) { return 1; }
