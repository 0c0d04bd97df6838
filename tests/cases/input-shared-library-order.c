//# about: Shared libraries may need ones that are named behind them, and say so or not; and initialisers run once.
//# shared: libthird.so third.c -Wl,-soname,libthird.so
//# shared: libfirst.so first.c
//# shared: libsecond.so second.c libthird.so
//# args: main.o ./libfirst.so ./libsecond.so ./libthird.so
//# stdout: 6
#include <stdio.h>
int first(void);
int main(void) { printf("%d\n", first()); }
//# file: first.c
int second(void);
int first(void) { return second() + 1; }
//# file: second.c
int third(void);
int second(void) { return third() + 2; }
//# file: third.c
static int count;
__attribute__((constructor)) static void start(void) { count++; }
int third(void) { return count + 2; }
