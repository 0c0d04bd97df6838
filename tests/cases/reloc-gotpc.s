## about: R_X86_64_GOTPC32 and GOTPC64 agree on where the table is.
## stdout: 1
## file: main.c
#include <stdio.h>
char *got32(void), *got64(void);
int main(void) { printf("%d\n", got32() == got64()); }
## file: x.s
    .text
    .globl got32, got64
got32:
    lea _GLOBAL_OFFSET_TABLE_(%rip), %rax
    ret
got64:
1:  lea 1b(%rip), %rcx
    movabs $_GLOBAL_OFFSET_TABLE_-1b, %rax
    add %rcx, %rax
    ret
    .section .note.GNU-stack,"",@progbits
