## about: Offsets of thread-local variables in data: 64-bit, and against the section's symbol.
## exit: 7
## skip-oracle: GNU ld relaxes local dynamic code, but not the offset in data that it adds
.globl main
main:
    movq offset(%rip), %rax
    movl %fs:(%rax), %eax
    movq in_block(%rip), %rcx
    leaq base(%rip), %rdx
    subq $8, %rsp
    leaq var@tlsld(%rip), %rdi
    call __tls_get_addr@PLT
    addq in_block(%rip), %rax
    movl (%rax), %eax
    movq offset2(%rip), %rcx
    addl %fs:(%rcx), %eax
    addq $8, %rsp
    ret
.data
base:
offset: .quad var@tpoff
offset2: .quad .Llocal@tpoff
in_block: .quad var@dtpoff
.section .tdata,"awT",@progbits
    .quad 0
.type var, @object
var: .long 3
.Llocal: .long 4
.section .note.GNU-stack,"",@progbits
