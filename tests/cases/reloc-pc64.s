## about: R_X86_64_PC64: a 64-bit distance.
## stdout: 7
## file: main.c
#include <stdio.h>
int number = 7;
extern long distance;
int main(void) { printf("%d\n", *(int *)((char *)&distance + distance)); }
## file: x.s
    .section .rodata
    .globl distance
distance: .quad number - .
    .section .note.GNU-stack,"",@progbits
