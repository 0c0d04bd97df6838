## about: R_X86_64_PC32 to an absolute address out of reach, from code and from data; both are reported.
## flags: -fno-pic
## link: --abs FAR=0x123456789abcdef0
## error: x.o: .text+0x3
## error: x.o: .data+0x0
## error: R_X86_64_PC32
## error: FAR
## oracle-error: relocation truncated to fit: R_X86_64_PC32
## file: main.c
int main(void) { return 0; }
## file: x.s
    .text
    lea FAR(%rip), %rax
    .data
    .long FAR - .
    .section .note.GNU-stack,"",@progbits
