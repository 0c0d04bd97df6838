## about: A 64-bit field at an odd address, across a page border.
## stdout: 77
## file: main.c
#include <stdio.h>
#include <string.h>
extern char packed[];
int number = 77;
int main(void) {
    int *pointer;
    memcpy(&pointer, packed + 4093, sizeof pointer);
    printf("%d\n", *pointer);
}
## file: x.s
    .data
    .p2align 12
    .globl packed
packed:
    .zero 4093
    .quad number
    .section .note.GNU-stack,"",@progbits
