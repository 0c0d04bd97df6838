## about: Sections without bytes in the file, of any name and in any place, read as zero and can be written.
## exit: 100
    .globl main
main:
    mov later(%rip), %eax
    add own_zero(%rip), %eax
    add own_zero+65532(%rip), %eax
    movl $5, own_zero+65532(%rip)
    movl $6, later(%rip)
    add $100, %eax
    ret
    .section .own_zero,"aw",@nobits
own_zero: .zero 65536
    .data
    .long 7
    .section .data.later,"aw",@nobits
later: .zero 4
    .section .note.GNU-stack,"",@progbits
