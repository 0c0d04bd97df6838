//# about: Archives that need each other, named once each.
//# archive: liba.a a1.o a2.o
//# archive: libb.a b1.o b2.o
//# oracle-args: {objects} -Wl,--start-group {archives} -Wl,--end-group
//# stdout: 4
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
int b2(void);
int a2(void) { return b2() + 1; }
//# file: b2.c
int b2(void) { return 1; }
