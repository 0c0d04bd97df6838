## about: Where one user cannot do without an entry, there is one entry, and the others are still relaxed.
## exit: 100
## plan: got_entries == 1
## plan: relaxed == 2
    .text
    .globl main
main:
    push number@GOTPCREL(%rip)
    pop %rdx
    mov number@GOTPCREL(%rip), %rax
    cmp %rdx, %rax
    jne 1f
    mov number@GOTPCREL(%rip), %r8
    cmp %rdx, %r8
    jne 1f
    push number@GOTPCREL(%rip)
    pop %rdx
    mov $100, %eax
    ret
1:  mov $1, %eax
    ret
    .data
    .globl number
number: .quad 7
    .section .note.GNU-stack,"",@progbits
