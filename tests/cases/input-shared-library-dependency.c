//# about: A shared library brings the libraries that it needs itself.
//# shared: libinner.so inner.c
//# shared: libouter.so outer.c libinner.so
//# args: main.o ./libouter.so
//# stdout: 9
#include <stdio.h>
int outer(void);
int main(void) { printf("%d\n", outer()); }
//# file: inner.c
int inner(void) { return 8; }
//# file: outer.c
int inner(void);
int outer(void) { return inner() + 1; }
