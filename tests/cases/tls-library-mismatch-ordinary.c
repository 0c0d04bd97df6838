//# about: A library takes a thread-local variable of the program for an ordinary one.
//# shared: libx.so x.c
//# error: it refers to `number`, which is thread-local in the set, as if it were not
//# oracle-error: number: TLS definition in
#include <stdio.h>
int get(void);
__thread int number = 5;
int main(void) { printf("%d %d\n", get(), number); }
//# file: x.c
extern int number;
int get(void) { return number; }
