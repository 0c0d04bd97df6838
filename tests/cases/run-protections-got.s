## about: The GOT is read-only once the program runs.
## oracle-flags: -Wl,-z,now
## signal: SIGSEGV
    .globl main
main:
    push number@GOTPCREL(%rip)
    pop %rax
    movslq offset(%rip), %rcx
    lea offset(%rip), %rdx
    add %rdx, %rcx
    cmp %rax, (%rcx)
    jne 1f
    mov %rax, (%rcx)
1:  xor %eax, %eax
    ret
    .section .rodata
offset: .long number@GOTPCREL
    .data
    .globl number
number: .quad 7
    .section .note.GNU-stack,"",@progbits
