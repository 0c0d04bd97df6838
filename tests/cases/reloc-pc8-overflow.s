## about: A short jump to a target 128 bytes away does not reach.
## error: R_X86_64_PC8
## error: target
## oracle-error: R_X86_64_PC8
## file: main.c
int main(void) { return 0; }
## file: x.s
    .text
    .globl target
    .byte 0xeb, 0
    .reloc 1, R_X86_64_PC8, target - 1
    .zero 128
target: ret
    .section .note.GNU-stack,"",@progbits
