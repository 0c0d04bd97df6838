//# about: A strong definition beats a weak one, whichever comes first.
//# args: weak1.o main.o weak2.o strong.o
//# stdout: strong 7
#include <stdio.h>
const char *which(void);
extern int number;
int main(void) { printf("%s %d\n", which(), number); }
//# file: weak1.c
__attribute__((weak)) const char *which(void) { return "weak1"; }
__attribute__((weak)) int number = 1;
//# file: strong.c
const char *which(void) { return "strong"; }
int number = 7;
//# file: weak2.c
__attribute__((weak)) const char *which(void) { return "weak2"; }
__attribute__((weak)) int number = 2;
