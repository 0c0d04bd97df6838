//# about: An archive defines what a shared library needs, though one that this brings along would, too.
//# shared: libinner.so inner.c
//# shared: libouter.so outer.c libinner.so
//# archive: libneeded.a needed.o
//# args: main.o ./libouter.so libneeded.a
//# oracle-args: main.o ./libouter.so libneeded.a -Wl,-rpath-link,.
//# stdout: 20
#include <stdio.h>
int call(void);
int main(void) { printf("%d\n", call()); }
//# file: outer.c
int needed(void);
int call(void) { return needed(); }
//# file: inner.c
int needed(void) { return 10; }
//# file: needed.c
int needed(void) { return 20; }
