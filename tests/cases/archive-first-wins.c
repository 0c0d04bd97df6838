//# about: Of two archives with the same definition the first serves.
//# archive: libx.a x/which.o
//# archive: liby.a y/which.o
//# stdout: x
#include <stdio.h>
const char *which(void);
int main(void) { puts(which()); }
//# file: x/which.c
const char *which(void) { return "x"; }
//# file: y/which.c
const char *which(void) { return "y"; }
