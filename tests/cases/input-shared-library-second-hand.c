//# about: A library that a library needs calls the program, and uses a variable of it.
//# shared: libdep.so dep.c -Wl,-soname,libdep.so
//# shared: libx.so x.c ./libdep.so -Wl,-rpath,$ORIGIN
//# args: main.o ./libx.so
//# oracle-flags: -Wl,-rpath-link,.
//# stdout: dep: program 5
//# stdout: 6
#include <stdio.h>
int number = 5;
const char *program(void) { return "program"; }
int x(void);
int main(void) { printf("%d\n", x()); }
//# file: dep.c
#include <stdio.h>
extern int number;
const char *program(void);
__attribute__((constructor)) static void start(void) { printf("dep: %s %d\n", program(), number++); }
int dep(void) { return number; }
//# file: x.c
int dep(void);
int x(void) { return dep(); }
