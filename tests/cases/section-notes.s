## about: Allocated notes stay readable.
## exit: 4
    .globl main
main:
    lea note(%rip), %rax
    mov (%rax), %eax
    ret
    .section .note.own,"a",@note
note: .long 4, 4, 1
    .asciz "own"
    .long 9
    .section .note.GNU-stack,"",@progbits
