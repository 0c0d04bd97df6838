//# about: A member whose definitions all exist already stays out, so there is no duplicate.
//# archive: libx.a which.o
//# stdout: object
#include <stdio.h>
const char *which(void) { return "object"; }
int main(void) { puts(which()); }
//# file: which.c
const char *which(void) { return "member"; }
