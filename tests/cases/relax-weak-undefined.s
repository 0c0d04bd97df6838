## about: Through the GOT an undefined weak symbol is 0.
## exit: 100
    .weak nothing
    .text
    .globl main
main:
    mov nothing@GOTPCREL(%rip), %rax
    test %rax, %rax
    jne 1f
    mov nothing@GOTPCREL(%rip), %r11
    test %r11, %r11
    jne 2f
    cmpq $0, nothing@GOTPCREL(%rip)
    jne 3f
    mov $5, %ecx
    add nothing@GOTPCREL(%rip), %rcx
    cmp $5, %rcx
    jne 4f
    mov $100, %eax
    ret
1:  mov $1, %eax
    ret
2:  mov $2, %eax
    ret
3:  mov $3, %eax
    ret
4:  mov $4, %eax
    ret
    .section .note.GNU-stack,"",@progbits
