//# about: -l:NAME looks for exactly that file.
//# sh: $AR qcs odd.name archived.o
//# args: main.o -L. -l:odd.name
//# stdout: archived
#include <stdio.h>
const char *which(void);
int main(void) { puts(which()); }
//# file: archived.c
const char *which(void) { return "archived"; }
