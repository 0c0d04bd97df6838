## about: A call of an undefined weak symbol that never happens must link; so must its address by PC32.
## oracle-flags: -no-pie
## exit: 100
    .weak nothing
    .globl main
    .type main, @function
main:
    xor %eax, %eax
    test %eax, %eax
    je 1f
    call nothing
    jmp nothing
    call nothing@PLT
    call *nothing@GOTPCREL(%rip)
1:  mov nothing@GOTPCREL(%rip), %rax
    add $100, %eax
    ret
    .section .note.GNU-stack,"",@progbits
