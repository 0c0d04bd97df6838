## about: Through the GOT an absolute symbol is its value, never a distance; also one of 64 bits.
## oracle-flags: -no-pie
## exit: 100
    .text
    .globl main
main:
    mov small@GOTPCREL(%rip), %rax
    cmp $0x1234, %rax
    jne 1f
    mov small@GOTPCREL(%rip), %r11
    cmp $0x1234, %r11
    jne 2f
    mov large@GOTPCREL(%rip), %rcx
    movabs $0x123456789abcdef0, %rdx
    cmp %rdx, %rcx
    jne 3f
    mov $1, %r9d
    add small@GOTPCREL(%rip), %r9
    cmp $0x1235, %r9
    jne 4f
    mov $0x1000, %r10d
    test %r10, small@GOTPCREL(%rip)
    je 5f
    mov $0x1000, %ecx
    test %rcx, small@GOTPCREL(%rip)
    je 6f
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
5:  mov $5, %eax
    ret
6:  mov $6, %eax
    ret
    .section .note.GNU-stack,"",@progbits
## file: absolute.s
    .globl small, large
    small = 0x1234
    large = 0x123456789abcdef0
    .section .note.GNU-stack,"",@progbits
