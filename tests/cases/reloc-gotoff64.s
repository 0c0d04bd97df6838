## about: R_X86_64_GOTOFF64: a symbol's distance from the table.
## stdout: 5 6
## file: main.c
#include <stdio.h>
int numbers[] = {5, 6};
int five(void), six(void);
int main(void) { printf("%d %d\n", five(), six()); }
## file: x.s
    .text
    .globl five, six
five:
    lea _GLOBAL_OFFSET_TABLE_(%rip), %rcx
    movabs $numbers@GOTOFF, %rax
    mov (%rcx,%rax), %eax
    ret
six:
    lea _GLOBAL_OFFSET_TABLE_(%rip), %rcx
    movabs $numbers@GOTOFF + 4, %rax
    mov (%rcx,%rax), %eax
    ret
    .section .note.GNU-stack,"",@progbits
