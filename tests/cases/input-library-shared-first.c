//# about: In one folder -l prefers the shared library to the archive.
//# manual: archived.c
//# shared: libwhich.so shared.c
//# sh: $CC -c archived.c && $AR qcs libwhich.a archived.o
//# args: main.o -L. -lwhich
//# stdout: shared
#include <stdio.h>
const char *which(void);
int main(void) { puts(which()); }
//# file: shared.c
const char *which(void) { return "shared"; }
//# file: archived.c
const char *which(void) { return "archived"; }
