//# about: A shared library calls a function of the program that is an ifunc, and both see one address of it.
//# flags: -fno-pic | -fno-pic -O2
//# shared: libx.so x.c
//# stdout: 42 42 1
#include <stdio.h>
int call(void);
void *address(void);
static int chosen(void) { return 42; }
static void *choose(void) { return (void *)chosen; }
int number(void) __attribute__((ifunc("choose")));
int main(void) { printf("%d %d %d\n", call(), number(), address() == (void *)number); }
//# file: x.c
int number(void);
static int early;
__attribute__((constructor)) static void start(void) { early = number(); }
int call(void) { return early; }
void *address(void) { return (void *)number; }
