## about: R_X86_64_PC8 and R_X86_64_PC16, forwards and backwards, up to their limits.
## stdout: 127 -128 32767 -32768
## file: main.c
#include <stdio.h>
extern signed char forward8, backward8;
extern short forward16, backward16;
int main(void) { printf("%d %d %d %d\n", forward8, backward8, forward16, backward16); }
## file: x.s
    .data
    .globl forward8, backward8, forward16, backward16, far_before, before, after, far_after
far_before: .zero 32768
backward16: .short 0
    .reloc backward16, R_X86_64_PC16, far_before
before: .zero 128
backward8: .byte 0
    .reloc backward8, R_X86_64_PC8, before
forward8: .byte 0
    .reloc forward8, R_X86_64_PC8, after
    .zero 126
after:
    .p2align 1
forward16: .short 0
    .reloc forward16, R_X86_64_PC16, far_after
    .zero 32765
far_after:
    .section .note.GNU-stack,"",@progbits
