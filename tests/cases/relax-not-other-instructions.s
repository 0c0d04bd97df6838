## about: Instructions that have no relaxed form keep their entry: push, memory compare, imul, cmov, SSE.
## exit: 100
## plan: got_entries == 1
    .text
    .globl main
main:
    lea .Lnumber(%rip), %rdx
    push number@GOTPCREL(%rip)
    pop %rax
    cmp %rdx, %rax
    jne 1f
    cmp %rdx, number@GOTPCREL(%rip)
    jne 1f
    xor %ecx, %ecx
    cmpq $0, number@GOTPCREL(%rip)
    cmovne number@GOTPCREL(%rip), %rcx
    cmp %rdx, %rcx
    jne 1f
    movq number@GOTPCREL(%rip), %xmm0
    movq %xmm0, %rsi
    cmp %rdx, %rsi
    jne 1f
    movzwl number@GOTPCREL(%rip), %eax
    movzwl %dx, %edi
    cmp %edi, %eax
    jne 1f
    mov $100, %eax
    ret
1:  mov $1, %eax
    ret
    .data
    .globl number
number:
.Lnumber: .quad 7
    .section .note.GNU-stack,"",@progbits
