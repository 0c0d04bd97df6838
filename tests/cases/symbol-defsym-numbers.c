//# about: --defsym takes numbers with a unit and in three notations, and sums and differences of them and a symbol.
//# flags: -fno-pic
//# link: --defsym kilo=1K --defsym mega=0x2M --defsym octal=010 --defsym sum=0x10+1 --defsym negative=-5
//# link: --defsym several=1K-2+0x10-1m --defsym behind=4+values --defsym both=values+8-2 --defsym signed=+3
//# stdout: 0x400 0x200000 0x8 0x11 0xfffffffffffffffb
//# stdout: 0xfffffffffff0040e 0x4 0x6 0x3
#include <stdio.h>
extern unsigned long values[9];
int main(void) {
    unsigned long start = (unsigned long)values;
    printf("%#lx %#lx %#lx %#lx %#lx\n", values[0], values[1], values[2], values[3], values[4]);
    printf("%#lx %#lx %#lx %#lx\n", values[5], values[6] - start, values[7] - start, values[8]);
}
//# file: values.s
    .data
    .globl values
values:
    .quad kilo, mega, octal, sum, negative
    .quad several, behind, both, signed
    .section .note.GNU-stack,"",@progbits
