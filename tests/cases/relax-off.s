## about: --no-relax keeps the entries, and the results.
## link: --no-relax
## exit: 7
    .text
    .globl main
main:
    call *get@GOTPCREL(%rip)
    mov (%rax), %eax
    ret
    .globl get
get:
    mov number@GOTPCREL(%rip), %rax
    ret
    .data
    .globl number
number: .quad 7
    .section .note.GNU-stack,"",@progbits
