//# about: A shared library's constructors run before the program's.
//# shared: libx.so x.c
//# stdout: library
//# stdout: program
//# stdout: main
#include <stdio.h>
void x(void);
__attribute__((constructor)) static void start(void) { puts("program"); }
int main(void) { x(); }
//# file: x.c
#include <stdio.h>
__attribute__((constructor)) static void start(void) { puts("library"); }
void x(void) { puts("main"); }
