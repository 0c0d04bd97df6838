//# about: Variables of a library that the program has copies of, and that hold addresses of what the program defines, too.
//# flags: -fno-pic | -fno-pic -O2 | -fPIC
//# shared: libx.so x.c
//# stdout: program program 4 4
#include <stdio.h>
extern const char *(*function)(void);
extern int *pointer;
int variable = 4;
const char *tell(void) { return "program"; }
const char *call(void);
int get(void);
int main(void) { printf("%s %s %d %d\n", function(), call(), *pointer, get()); }
//# file: x.c
int variable = 3, *pointer = &variable;
const char *tell(void) { return "library"; }
const char *(*function)(void) = tell;
const char *call(void) { return function(); }
int get(void) { return *pointer; }
