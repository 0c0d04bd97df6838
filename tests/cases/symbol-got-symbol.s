## about: _GLOBAL_OFFSET_TABLE_ is one address for all objects.
## exit: 1
    .globl main
main:
    push %rbx
    lea _GLOBAL_OFFSET_TABLE_(%rip), %rbx
    call other
    cmp %rax, %rbx
    sete %al
    movzbl %al, %eax
    pop %rbx
    ret
    .section .note.GNU-stack,"",@progbits
## file: other.s
    .globl other
other:
    lea _GLOBAL_OFFSET_TABLE_(%rip), %rax
    ret
    .section .note.GNU-stack,"",@progbits
