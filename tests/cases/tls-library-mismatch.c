//# about: A library takes a variable of the program for thread-local that is not.
//# flags: -DFUNCTION | -fPIC
//# shared: libx.so x.c
//# error: it refers to `number` as thread-local, which that is not in the set
//# oracle-error: number: TLS reference in
#include <stdio.h>
int get(void);
#ifdef FUNCTION
int number(void) { return 5; }
#else
int number = 5;
#endif
int main(void) { printf("%d\n", get()); }
//# file: x.c
extern __thread int number;
int get(void) { return number; }
