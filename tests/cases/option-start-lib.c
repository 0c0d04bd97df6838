//# about: Objects between --start-lib and --end-lib take part by need, as archive members do: one that nobody needs, not.
//# about: One may need another of them, before or behind it; initialisers of those that stay out do not run.
//# compilers: clang
//# needs: ld.lld
//# args: main.o --start-lib second.o first.o unneeded.o --end-lib behind.o
//# oracle-flags: -fuse-ld=lld
//# oracle-args: main.o -Wl,--start-lib second.o first.o unneeded.o -Wl,--end-lib behind.o
//# stdout: behind
//# stdout: first second
#include <stdio.h>
const char *first(void);
int main(void) { puts(first()); }
//# file: first.c
const char *second(void);
const char *first(void) { return second(); }
//# file: second.c
const char *second(void) { return "first second"; }
//# file: unneeded.c
#include <stdio.h>
int missing(void);
int main(void);
const char *first(void);
__attribute__((constructor)) static void unneeded(void) { printf("%d %p\n", missing(), first); }
int other(void) { return main(); }
//# file: behind.c
#include <stdio.h>
__attribute__((constructor)) static void behind(void) { puts("behind"); }
