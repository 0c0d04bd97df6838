//# about: What a shared library needs and nothing else defines is taken from archives, wherever they stand.
//# flags: -ffunction-sections
//# shared: libx.so x.c
//# archive: libneeded.a unneeded.o needed.o
//# args: main.o libneeded.a ./libx.so libneeded.a
//# stdout: 7
#include <stdio.h>
int call(void);
int main(void) { printf("%d\n", call()); }
//# file: x.c
int needed(void);
int call(void) { return needed(); }
//# file: needed.c
int needed(void) { return 7; }
//# file: unneeded.c
int missing(void);
int unneeded(void) { return missing(); }
