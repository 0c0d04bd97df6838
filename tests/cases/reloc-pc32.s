## about: R_X86_64_PC32 in code and data, across sections and objects.
## stdout: 8 9 9
## file: main.c
#include <stdio.h>
int numbers[] = {8, 9};
int first(void), second(void);
extern int distance;
int main(void) { printf("%d %d %d\n", first(), second(), *(int *)((char *)&distance + distance)); }
## file: x.s
    .text
    .globl first, second, distance
first: mov numbers(%rip), %eax
    ret
second: lea numbers+4(%rip), %rax
    cmpl $9, (%rax)
    mov (%rax), %eax
    ret
    .section .rodata
distance: .long numbers + 4 - .
    .section .note.GNU-stack,"",@progbits
