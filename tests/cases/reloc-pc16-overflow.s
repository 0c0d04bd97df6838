## about: R_X86_64_PC16 over 70,000 bytes does not reach.
## error: R_X86_64_PC16
## error: target
## oracle-error: R_X86_64_PC16
## file: main.c
int main(void) { return 0; }
## file: x.s
    .data
    .globl target, field
field: .short 0
    .reloc field, R_X86_64_PC16, target
    .zero 70000
target:
    .section .note.GNU-stack,"",@progbits
