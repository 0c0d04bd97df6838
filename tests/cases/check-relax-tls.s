## about: thread-local models in a set with static storage become local exec: the psABI's and the descriptor paper's instructions
## check: --base 0x10000000 --abs __tls_get_addr=0x10100000
# The block has 16 bytes and ends at the thread pointer.
        .section .tdata, "awT", @progbits
        .p2align 3
        .globl  x, y
x:      .quad   1
y:      .quad   2
        .text
        .globl  code
        .type   code, @function
# mov %fs:0, %rax; lea x@tpoff(%rax), %rax
# jitlink-check: *{8}code = 0x0000000025048b4864
# jitlink-check: *{4}(code + 8) = 0x808d4800
# jitlink-check: *{4}(code + 12) = (x - 16)[31:0]
code:   .byte   0x66
        leaq    x@tlsgd(%rip), %rdi
        .word   0x6666
        rex64
        call    __tls_get_addr@PLT
# The same without a PLT.
# jitlink-check: *{8}(code + 16) = 0x0000000025048b4864
# jitlink-check: *{4}(code + 24) = 0x808d4800
# jitlink-check: *{4}(code + 28) = (y - 16)[31:0]
        .byte   0x66
        leaq    y@tlsgd(%rip), %rdi
        .byte   0x66
        rex64
        call    *__tls_get_addr@GOTPCREL(%rip)
# The block's own address, from which offsets count: xor %eax, %eax; add %fs:(%rax), %rax; add $block@tpoff, %rax
# jitlink-check: *{8}(code + 32) = 0x054800034864c031
# jitlink-check: *{4}(code + 40) = (0 - 16)[31:0]
# jitlink-check: decode_operand(code + 44, 4) = y
        leaq    x@tlsld(%rip), %rdi
        call    __tls_get_addr@PLT
        leaq    y@dtpoff(%rax), %rcx
# mov $x@tpoff, %rax
# jitlink-check: *{2}(code + 51) = 0xc748
# jitlink-check: *{1}(code + 53) = 0xc0
# jitlink-check: decode_operand(code + 51, 1) = x - 16
        movq    x@gottpoff(%rip), %rax
# add $y@tpoff, %r13
# jitlink-check: *{2}(code + 58) = 0x8149
# jitlink-check: *{1}(code + 60) = 0xc5
# jitlink-check: decode_operand(code + 58, 2) = y - 16
        addq    y@gottpoff(%rip), %r13
# mov $y@tpoff, %rax; xchg %ax, %ax
# jitlink-check: decode_operand(code + 65, 1) = y - 16
# jitlink-check: *{2}(code + 72) = 0x9066
        leaq    y@tlsdesc(%rip), %rax
        call    *y@tlscall(%rax)
        .size   code, . - code
