//# about: --remap-inputs reads other files than those that are named, or none.
//# args: main.o wrong-one.o wrong-two.o unwanted.o --remap-inputs=wrong-o*.o=one.o --remap-inputs-file=map --remap-inputs=unwanted.o=/dev/null
//# oracle-args: main.o one.o two.o
//# stdout: 3
//# file: map
# In place of two
wrong-two.o=two.o
//# file: main.c
#include <stdio.h>
int one(void), two(void);
int main(void) { printf("%d\n", one() + two()); }
//# file: one.c
int one(void) { return 1; }
//# file: two.c
int two(void) { return 2; }
