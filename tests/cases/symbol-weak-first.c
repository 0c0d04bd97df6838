//# about: Of several weak definitions the first counts, and its own object uses it too.
//# args: main.o one.o two.o
//# stdout: one one one
#include <stdio.h>
const char *which(void), *from_one(void), *from_two(void);
int main(void) { printf("%s %s %s\n", which(), from_one(), from_two()); }
//# file: one.c
__attribute__((weak)) const char *which(void) { return "one"; }
const char *from_one(void) { return which(); }
//# file: two.c
__attribute__((weak)) const char *which(void) { return "two"; }
const char *from_two(void) { return which(); }
