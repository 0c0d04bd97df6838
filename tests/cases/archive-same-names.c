//# about: Members that share a name are different members.
//# archive: libx.a one/x.o two/x.o three/x.o
//# stdout: 1 2 3
#include <stdio.h>
int one(void), two(void), three(void);
int main(void) { printf("%d %d %d\n", one(), two(), three()); }
//# file: one/x.c
int one(void) { return 1; }
//# file: two/x.c
int two(void) { return 2; }
//# file: three/x.c
int three(void) { return 3; }
