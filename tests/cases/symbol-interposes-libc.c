//# about: A function of the program beats libc's of the same name, in the program.
//# flags: -O0 -fno-builtin -fPIC | -O0 -fno-builtin -fno-pic
//# stdout: 42
#include <stdio.h>
int abs(int x) { return x + 41; }
int call(void);
int main(void) { printf("%d\n", call()); }
//# file: call.c
int abs(int);
int call(void) { return abs(1); }
