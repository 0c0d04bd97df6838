## about: thread-local storage with every entry kept (types 17 to 19, 20 to 23, 34, 35): module and offset, distance from the thread pointer, descriptor
## check: --base 0x10000000 --no-relax --abs __tls_get_addr=0x10100000
# A thread-local symbol's value is its offset in the block, which has 48 bytes and ends at the thread pointer. The
# program's module has the number 1.
        .section .tdata, "awT", @progbits
        .p2align 3
        .globl  general, local, entry, exec, described
general:
        .quad   1
local:  .quad   2
entry:  .quad   3
exec:   .quad   4
        .section .tbss, "awT", @nobits
        .p2align 4
described:
        .skip   4

        .text
        .globl  code
        .type   code, @function
# jitlink-check: *{4}(code + 4) = (got_addr(main.o, general) - (code + 8))[31:0]
# jitlink-check: *{8}got_addr(main.o, general) = 1
# jitlink-check: *{8}(got_addr(main.o, general) + 8) = general
# jitlink-check: *{4}(code + 12) = (__tls_get_addr - (code + 16))[31:0]
code:   .byte   0x66
        leaq    general@tlsgd(%rip), %rdi
        .word   0x6666
        rex64
        call    __tls_get_addr@PLT
# jitlink-check: decode_operand(code + 16, 4) = got_addr(main.o, local) - (code + 23)
# jitlink-check: *{8}got_addr(main.o, local) = 1
# jitlink-check: *{8}(got_addr(main.o, local) + 8) = 0
# jitlink-check: decode_operand(code + 23, 0) = __tls_get_addr - (code + 28)
        leaq    local@tlsld(%rip), %rdi
        call    __tls_get_addr@PLT
# jitlink-check: decode_operand(code + 28, 4) = local
        leaq    local@dtpoff(%rax), %rcx
# jitlink-check: decode_operand(code + 35, 4) = got_addr(main.o, entry) - (code + 42)
# jitlink-check: *{8}got_addr(main.o, entry) = entry - 48
        movq    entry@gottpoff(%rip), %rax
# jitlink-check: decode_operand(code + 42, 5) = got_addr(main.o, entry) - (code + 49)
        addq    entry@gottpoff(%rip), %r13
# jitlink-check: decode_operand(code + 49, 4) = exec - 48
        movq    %fs:exec@tpoff, %rax
# jitlink-check: decode_operand(code + 58, 4) = got_addr(main.o, described) - (code + 65)
# jitlink-check: *{2}(code + 65) = 0x10ff
        leaq    described@tlsdesc(%rip), %rax
        call    *described@tlscall(%rax)
        .size   code, . - code

        .data
        .globl  fields
# jitlink-check: *{8}fields = exec + 1
# jitlink-check: *{8}(fields + 8) = exec + 2 - 48
# jitlink-check: *{4}(fields + 16) = described
# jitlink-check: *{4}(fields + 20) = (described - 48)[31:0]
fields: .quad   exec@dtpoff + 1
        .quad   exec@tpoff + 2
        .long   described@dtpoff
        .long   described@tpoff
