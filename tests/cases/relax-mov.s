## about: Loads of addresses through the GOT, into low and high registers, become computations.
## exit: 100
## plan: got_entries == 0
## plan: relaxed == 4
    .text
    .globl main
main:
    mov number@GOTPCREL(%rip), %rax
    mov number@GOTPCREL(%rip), %r11
    mov number@GOTPCREL(%rip), %ecx
    mov number@GOTPCREL(%rip), %r9d
    lea .Lnumber(%rip), %rdx
    cmp %rdx, %rax
    jne 1f
    cmp %rdx, %r11
    jne 1f
    mov %edx, %edx
    cmp %rdx, %rcx
    jne 1f
    cmp %rdx, %r9
    jne 1f
    mov $100, %eax
    ret
1:  mov $1, %eax
    ret
    .data
    .globl number
    .quad 0
number:
.Lnumber: .quad 7
    .section .note.GNU-stack,"",@progbits
