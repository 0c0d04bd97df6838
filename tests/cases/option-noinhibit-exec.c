//# about: With --noinhibit-exec, what is undefined or defined twice is told, and the program runs all the same.
//# link: -Wl,--noinhibit-exec
//# skip-oracle: GNU ld writes the program and fails
//# stdout: first 1
//# stderr: missing
//# file: main.c
#include <stdio.h>
const char *twice(void) { return "first"; }
void missing(void);
void (*volatile address)(void) = missing;
int main(void) { printf("%s %d\n", twice(), address == NULL); }
//# file: other.c
const char *twice(void) { return "second"; }
