//# about: Two objects may define one absolute symbol, if both give it the same value.
//# flags: -fno-pic
//# stdout: 0x1234
#include <stdio.h>
extern char number[];
int main(void) { printf("%#lx\n", (unsigned long)number); }
//# file: one.s
    .globl number
    number = 0x1234
    .section .note.GNU-stack,"",@progbits
//# file: two.s
    .globl number
    number = 0x1234
    .section .note.GNU-stack,"",@progbits
