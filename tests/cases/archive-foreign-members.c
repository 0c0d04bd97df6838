//# about: Members that are no objects (as in a Rust rlib) do not disturb.
//# sh: echo metadata > lib.rmeta && $AR qcs libx.a lib.rmeta used.o
//# args: main.o libx.a
//# stdout: 42
#include <stdio.h>
int used(void);
int main(void) { printf("%d\n", used()); }
//# file: used.c
int used(void) { return 42; }
