//# about: A shared library on the command line that refers to a thread-local variable of the program: not yet.
//# shared: libx.so x.c
//# error: a shared library's reference to a thread-local variable of the set is not supported
//# error: `number`
//# oracle: runs
//# stdout: 5
#include <stdio.h>
int get(void);
__thread int number = 5;
int main(void) { printf("%d\n", get()); }
//# file: x.c
extern __thread int number;
int get(void) { return number; }
