## about: Arithmetic with an address out of the GOT, all eight operations and test, low and high registers, in a set
## about: that must lie high (so an immediate may not be used) or may lie anywhere: the results stay right.
## exit: 100
    .macro check operation, register, expected
    mov $0x5555, %eax
    mov %rax, %\register
    mov %rax, %rcx
    stc
    \operation number@GOTPCREL(%rip), %\register
    setc %bl
    stc
    \operation %rdx, %rcx
    setc %bh
    inc %ebp
    cmp %rcx, %\register
    jne fail
    cmp %bl, %bh
    jne fail
    .endm
    .text
    .globl main
main:
    push %rbx
    push %rbp
    push %r12
    xor %ebp, %ebp
    lea .Lnumber(%rip), %rdx
    .irp operation, adc, add, and, or, sbb, sub, xor, cmp
    check \operation, rsi
    check \operation, r8
    check \operation, r12
    .endr
    mov $-1, %rax
    test %rax, number@GOTPCREL(%rip)
    je fail
    mov $-1, %r10
    test %r10, number@GOTPCREL(%rip)
    je fail
    mov $100, %ebp
fail:
    mov %ebp, %eax
    pop %r12
    pop %rbp
    pop %rbx
    ret
    .data
    .globl number
number:
.Lnumber: .quad 7
    .section .note.GNU-stack,"",@progbits
