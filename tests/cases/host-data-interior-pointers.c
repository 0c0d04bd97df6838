//# about: A library that hands out the address of its own variable: the program's copy must be the same object.
//# flags: -fPIC | -fno-pic
//# shared: libtable.so table.c
//# stdout: 2 9 1
#include <stdio.h>
extern int table[4];
int *get(void), read2(void);
int main(void) {
    printf("%d ", table[1]);
    table[2] = 9;
    printf("%d %d\n", read2(), get() == table);
}
//# file: table.c
int table[4] = {1, 2, 3, 4};
int *get(void) { return table; }
int read2(void) { return table[2]; }
