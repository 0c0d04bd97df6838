## about: Sections marked to be excluded, and sections that are not allocated, never reach memory.
## exit: 6
    .globl main
main:
    mov number(%rip), %eax
    ret
    .data
number: .long 6
    .section .excluded,"e",@progbits
    .quad main
    .section .comment.own,"",@progbits
    .quad main
    .quad number + 100
    .section .note.GNU-stack,"",@progbits
