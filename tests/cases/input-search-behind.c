//# about: A directory to search is for the libraries before it, too.
//# sh: mkdir sub && $AR qcs sub/libx.a x.o
//# args: main.o -lx -L{dir}/sub
//# stdout: found
#include <stdio.h>
const char *x(void);
int main(void) { puts(x()); }
//# file: x.c
const char *x(void) { return "found"; }
