## about: Local names of one ifunc, and a global one, have one address; a second ifunc has its own, and a resolver that is
## about: called by a name of its own is a function.
## flags: -fPIC | -fno-pic
## exit: 63
    .text
    .globl main, shown
    .type resolve, @function
    .type hidden, @gnu_indirect_function
    .type again, @gnu_indirect_function
    .type shown, @gnu_indirect_function
    .type second, @gnu_indirect_function
    .set hidden, resolve
    .set again, resolve
    .set shown, resolve
resolve: lea one(%rip), %rax
    ret
second: lea two(%rip), %rax
    ret
one: mov $1, %eax
    ret
two: mov $2, %eax
    ret
main: push %rbx
    call again
    mov %eax, %ebx
    call second
    or %eax, %ebx
    mov hidden@GOTPCREL(%rip), %rax
    cmp again@GOTPCREL(%rip), %rax
    jne 1f
    or $4, %ebx
1:  cmp shown@GOTPCREL(%rip), %rax
    jne 1f
    or $8, %ebx
1:  cmp second@GOTPCREL(%rip), %rax
    je 1f
    or $16, %ebx
1:  call resolve
    lea one(%rip), %rdx
    cmp %rdx, %rax
    jne 1f
    or $32, %ebx
1:  mov %ebx, %eax
    pop %rbx
    ret
    .section .note.GNU-stack,"",@progbits
