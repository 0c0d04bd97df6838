## about: The names of one ifunc share one GOT entry for its address, one for what the resolver returns, and one stub.
## exit: 9
## plan: got_entries == 2
## plan: stubs == 1
    .text
    .globl main, f, g
    .type f, @gnu_indirect_function
    .type g, @gnu_indirect_function
    .set g, f
f:  lea four(%rip), %rax
    ret
four: mov $4, %eax
    ret
main: push %rbx
    call f
    mov %eax, %ebx
    call *g@GOTPCREL(%rip)
    add %eax, %ebx
    mov f@GOTPCREL(%rip), %rax
    cmp g@GOTPCREL(%rip), %rax
    sete %al
    movzbl %al, %eax
    add %ebx, %eax
    pop %rbx
    ret
    .section .note.GNU-stack,"",@progbits
