//# about: With --gc-sections, too, what a shared library needs and nothing else defines is taken from archives, wherever they stand.
//# flags: -ffunction-sections
//# shared: libx.so x.c
//# archive: libneeded.a unneeded.o needed.o
//# args: main.o ./libx.so libneeded.a --gc-sections
//# oracle-args: main.o ./libx.so libneeded.a -Wl,--gc-sections
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
