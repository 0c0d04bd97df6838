## about: S + A - P in fields of 64, 32, 16 and 8 bits, and calls that reach their target (types 2, 4, 13, 15, 24, 39, 40)
## check: --base 0x400000
## check: --base 0x7f0000000000 --no-relax
        .text
        .globl  code, after, target
# jitlink-check: *{4}(code + 1) = (target - (code + 1) - 4)[31:0]
# jitlink-check: decode_operand(code, 0) = target - next_pc(code)
        .type   code, @function
code:   call    target@PLT
# jitlink-check: decode_operand(code + 5, 0) = target - (code + 10)
        jmp     target@PLT
# jitlink-check: decode_operand(code + 10, 4) = variable - (code + 16)
        movl    variable(%rip), %eax
# An immediate behind the field moves the end of the instruction away from it.
# jitlink-check: decode_operand(code + 16, 3) = variable + 4 - (code + 26)
# jitlink-check: decode_operand(code + 16, 5) = 0x11223344
        movl    $0x11223344, variable + 4(%rip)
# jitlink-check: decode_operand(code + 26, 0) = target - (code + 32)
# jitlink-check: decode_operand(code + 26, 1) = 5
        jne     target@PLT
        .size   code, . - code
after:  ret

        .section .text.other, "ax"
        .p2align 4
        nop
target: ret

        .data
        .globl  variable, fields
variable:
        .quad   0
# jitlink-check: *{8}fields = target - fields
# jitlink-check: *{8}(fields + 8) = target - 5 - (fields + 8)
# jitlink-check: *{4}(fields + 16) = (target - (fields + 16))[31:0]
# jitlink-check: *{2}(fields + 20) = (variable - (fields + 20))[15:0]
# jitlink-check: *{1}(fields + 22) = (variable + 1 - (fields + 22))[7:0]
# jitlink-check: *{1}(fields + 23) = 0xc3
# jitlink-check: *{4}(fields + 24) = (target + 7 - (fields + 24))[31:0]
# jitlink-check: *{4}(fields + 28) = (target - 4 - (fields + 28))[31:0]
fields: .quad   target - ., target - 5 - .
        .long   target - .
        .reloc  ., R_X86_64_PC16, variable
        .short  0
        .reloc  ., R_X86_64_PC8, variable + 1
        .byte   0
        .byte   0xc3
        .reloc  ., R_X86_64_PC32_BND, target + 7
        .long   0
        .reloc  ., R_X86_64_PLT32_BND, target - 4
        .long   0
