# Thread-local models that both linkers make local exec, in the same bytes. Left out: local dynamic, where Setlink keeps
# the meaning of offsets in the block, and `add` to registers other than %r12, which lld writes as `lea`.
        .section .tdata, "awT", @progbits
        .p2align 3
        .globl  x, y
x:      .quad   1
y:      .long   2
        .section .tbss, "awT", @nobits
        .p2align 5
        .globl  z
z:      .skip   12

        .text
        .globl  __tls_get_addr
code:   .byte   0x66
        leaq    x@tlsgd(%rip), %rdi
        .word   0x6666
        rex64
        call    __tls_get_addr@PLT
        .byte   0x66
        leaq    z@tlsgd(%rip), %rdi
        .byte   0x66
        rex64
        call    *__tls_get_addr@GOTPCREL(%rip)
        movq    x@gottpoff(%rip), %rax
        movq    y@gottpoff(%rip), %r13
        movq    z@gottpoff(%rip), %rsp
        addq    z@gottpoff(%rip), %r12
        leaq    y@tlsdesc(%rip), %rax
        call    *y@tlscall(%rax)
        leaq    z@tlsdesc(%rip), %rax
        call    *z@tlscall(%rax)
        movq    %fs:y@tpoff, %rax
        leaq    z@tpoff(%rcx), %rdx
        movq    $x@tpoff + 4, %rax
__tls_get_addr:
        ret
