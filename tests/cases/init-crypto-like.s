## about: A function in a section of its own, called from .init only, that prepares a variable (as libcrypto does).
## exit: 17
    .hidden prepared
    .comm prepared, 4, 4
    .section .init
    call prepare
    .text
    .globl main
prepare:
    movl $17, prepared(%rip)
    ret
main:
    mov prepared(%rip), %eax
    ret
    .section .note.GNU-stack,"",@progbits
