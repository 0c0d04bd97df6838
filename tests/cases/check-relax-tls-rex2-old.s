## about: older assemblers mark instructions with a REX2 prefix as if it were a REX; these keep their entries, as their register is another one
## check: --base 0x7f0000000000
# The block has 24 bytes, and ends at the thread pointer.
        .section .tdata, "awT", @progbits
        .p2align 3
        .quad   0
t:      .quad   1
d:      .quad   1
        .text
        .globl  code
# jitlink-check: *{4}code = 0x058b48d5
# jitlink-check: *{4}(code + 4) = (got_addr(main.o, t) - (code + 8))[31:0]
# jitlink-check: *{8}got_addr(main.o, t) = t - 24
code:   .byte   0xd5, 0x48, 0x8b, 0x05
        .reloc  ., R_X86_64_GOTTPOFF, t - 4
        .long   0
# jitlink-check: *{4}(code + 8) = 0x058d48d5
# jitlink-check: *{4}(code + 12) = (got_addr(main.o, d) - (code + 16))[31:0]
        .byte   0xd5, 0x48, 0x8d, 0x05
        .reloc  ., R_X86_64_GOTPC32_TLSDESC, d - 4
        .long   0
