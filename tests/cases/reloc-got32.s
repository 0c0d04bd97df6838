## about: R_X86_64_GOT32 and GOT64: offsets of entries from _GLOBAL_OFFSET_TABLE_.
## exit: 56
## plan: got_entries == 2
## plan: stubs == 0
## file: main.c
int five = 5, six = 6;
int got32(void), got64(void);
int main(void) { return got32() * 10 + got64(); }
## file: x.s
    .text
    .globl got32, got64
got32:
    lea _GLOBAL_OFFSET_TABLE_(%rip), %rcx
    mov five@GOT(%rcx), %rax
    mov (%rax), %eax
    ret
got64:
    lea _GLOBAL_OFFSET_TABLE_(%rip), %rcx
    movabs $six@GOT, %rdx
    mov (%rcx,%rdx), %rax
    mov (%rax), %eax
    ret
    .section .note.GNU-stack,"",@progbits
