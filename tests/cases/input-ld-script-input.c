//# about: An ld script given by path, with INPUT and commas.
//# args: main.o parts.ld
//# stdout: 3
#include <stdio.h>
int a(void), b(void);
int main(void) { printf("%d\n", a() + b()); }
//# file: a.c
int a(void) { return 1; }
//# file: b.c
int b(void) { return 2; }
//# file: parts.ld
INPUT("a.o", "b.o")
