//# about: A shared library's initialisers run once, though one behind it needs the program.
//# shared: libalone.so alone.c
//# shared: libneeds.so needs.c
//# args: main.o ./libalone.so ./libneeds.so
//# stdout: alone
//# stdout: 3
#include <stdio.h>
int alone(void), needs(void);
int program(void) { return 3; }
int main(void) { printf("%d\n", alone() + needs()); }
//# file: alone.c
#include <stdio.h>
__attribute__((constructor)) static void start(void) { puts("alone"); }
int alone(void) { return 0; }
//# file: needs.c
int program(void);
int needs(void) { return program(); }
