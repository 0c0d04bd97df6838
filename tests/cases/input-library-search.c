//# about: -L and -l find an archive; the order of folders counts.
//# sh: mkdir first second && $AR qcs first/libwhich.a first.o && $AR qcs second/libwhich.a second.o
//# args: main.o -L first -Lsecond -l which
//# stdout: first
#include <stdio.h>
const char *which(void);
int main(void) { puts(which()); }
//# file: first.c
const char *which(void) { return "first"; }
//# file: second.c
const char *which(void) { return "second"; }
