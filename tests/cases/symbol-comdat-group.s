## about: Of two groups with one signature the first is kept, with all its sections; the other goes as a whole.
## stdout: first first
## file: main.c
#include <stdio.h>
const char *which(void), *again(void);
int main(void) { printf("%s %s\n", which(), again()); }
## file: a.s
    .section .text.which,"axG",@progbits,signature,comdat
    .globl which
which:
    lea text(%rip), %rax
    ret
    .section .rodata.which,"aG",@progbits,signature,comdat
text: .asciz "first"
    .section .note.GNU-stack,"",@progbits
## file: b.s
    .section .text.which,"axG",@progbits,signature,comdat
    .globl which
which:
    lea text(%rip), %rax
    ret
    .section .rodata.which,"aG",@progbits,signature,comdat
text: .asciz "second"
    .text
    .globl again
again:
    jmp which
    .section .note.GNU-stack,"",@progbits
