//# about: A weak definition is a definition: no member is taken to replace it.
//# archive: libx.a strong.o
//# stdout: weak
#include <stdio.h>
__attribute__((weak)) const char *which(void) { return "weak"; }
int main(void) { puts(which()); }
//# file: strong.c
const char *which(void) { return "strong"; }
