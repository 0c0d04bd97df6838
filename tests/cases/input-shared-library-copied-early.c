//# about: A library's constructor writes to a variable of its own, which non-PIC code of the program has a copy of.
//# flags: -fno-pic | -fno-pic -O2 | -fPIC
//# shared: libx.so x.c
//# stdout: 5 5 2 1
#include <stdio.h>
extern int value, *pointer;
int *get(void);
int main(void) { printf("%d %d %d %d\n", value, *get(), *pointer, get() == &value); }
//# file: x.c
static int two = 2;
int value = 1, *pointer = &value;
__attribute__((constructor)) static void start(void) { value += 4; pointer = &two; }
int *get(void) { return &value; }
