## about: operations on an address in the GOT become operations on a constant where the address is low (psABI B.2)
## check: --base 0x7f0000000000 --abs low=0x12345678
## check: --base 0x7f0000000000 --abs low=0xffffffff87654321
        .globl  code
        .type   code, @function
# jitlink-check: *{1}(code + 0) = 0x48
# jitlink-check: *{2}(code + 1) = 0xc0c7
# jitlink-check: decode_operand(code + 0, 1) = low
code:   movq    low@GOTPCREL(%rip), %rax
# jitlink-check: *{1}(code + 7) = 0x48
# jitlink-check: *{2}(code + 8) = 0xc1c7
# jitlink-check: decode_operand(code + 7, 1) = low
        movq    low@GOTPCREL(%rip), %rcx
# jitlink-check: *{1}(code + 14) = 0x48
# jitlink-check: *{2}(code + 15) = 0xc4c7
# jitlink-check: decode_operand(code + 14, 1) = low
        movq    low@GOTPCREL(%rip), %rsp
# jitlink-check: *{1}(code + 21) = 0x48
# jitlink-check: *{2}(code + 22) = 0xc7c7
# jitlink-check: decode_operand(code + 21, 1) = low
        movq    low@GOTPCREL(%rip), %rdi
# jitlink-check: *{1}(code + 28) = 0x49
# jitlink-check: *{2}(code + 29) = 0xc0c7
# jitlink-check: decode_operand(code + 28, 1) = low
        movq    low@GOTPCREL(%rip), %r8
# jitlink-check: *{1}(code + 35) = 0x49
# jitlink-check: *{2}(code + 36) = 0xc3c7
# jitlink-check: decode_operand(code + 35, 1) = low
        movq    low@GOTPCREL(%rip), %r11
# jitlink-check: *{1}(code + 42) = 0x49
# jitlink-check: *{2}(code + 43) = 0xc7c7
# jitlink-check: decode_operand(code + 42, 1) = low
        movq    low@GOTPCREL(%rip), %r15
# jitlink-check: *{1}(code + 49) = 0x48
# jitlink-check: *{2}(code + 50) = 0xc281
# jitlink-check: decode_operand(code + 49, 2) = low
        addq    low@GOTPCREL(%rip), %rdx
# jitlink-check: *{1}(code + 56) = 0x49
# jitlink-check: *{2}(code + 57) = 0xc581
# jitlink-check: decode_operand(code + 56, 2) = low
        addq    low@GOTPCREL(%rip), %r13
# jitlink-check: *{1}(code + 63) = 0x48
# jitlink-check: *{2}(code + 64) = 0xca81
# jitlink-check: decode_operand(code + 63, 2) = low
        orq     low@GOTPCREL(%rip), %rdx
# jitlink-check: *{1}(code + 70) = 0x49
# jitlink-check: *{2}(code + 71) = 0xcd81
# jitlink-check: decode_operand(code + 70, 2) = low
        orq     low@GOTPCREL(%rip), %r13
# jitlink-check: *{1}(code + 77) = 0x48
# jitlink-check: *{2}(code + 78) = 0xd281
# jitlink-check: decode_operand(code + 77, 2) = low
        adcq    low@GOTPCREL(%rip), %rdx
# jitlink-check: *{1}(code + 84) = 0x49
# jitlink-check: *{2}(code + 85) = 0xd581
# jitlink-check: decode_operand(code + 84, 2) = low
        adcq    low@GOTPCREL(%rip), %r13
# jitlink-check: *{1}(code + 91) = 0x48
# jitlink-check: *{2}(code + 92) = 0xda81
# jitlink-check: decode_operand(code + 91, 2) = low
        sbbq    low@GOTPCREL(%rip), %rdx
# jitlink-check: *{1}(code + 98) = 0x49
# jitlink-check: *{2}(code + 99) = 0xdd81
# jitlink-check: decode_operand(code + 98, 2) = low
        sbbq    low@GOTPCREL(%rip), %r13
# jitlink-check: *{1}(code + 105) = 0x48
# jitlink-check: *{2}(code + 106) = 0xe281
# jitlink-check: decode_operand(code + 105, 2) = low
        andq    low@GOTPCREL(%rip), %rdx
# jitlink-check: *{1}(code + 112) = 0x49
# jitlink-check: *{2}(code + 113) = 0xe581
# jitlink-check: decode_operand(code + 112, 2) = low
        andq    low@GOTPCREL(%rip), %r13
# jitlink-check: *{1}(code + 119) = 0x48
# jitlink-check: *{2}(code + 120) = 0xea81
# jitlink-check: decode_operand(code + 119, 2) = low
        subq    low@GOTPCREL(%rip), %rdx
# jitlink-check: *{1}(code + 126) = 0x49
# jitlink-check: *{2}(code + 127) = 0xed81
# jitlink-check: decode_operand(code + 126, 2) = low
        subq    low@GOTPCREL(%rip), %r13
# jitlink-check: *{1}(code + 133) = 0x48
# jitlink-check: *{2}(code + 134) = 0xf281
# jitlink-check: decode_operand(code + 133, 2) = low
        xorq    low@GOTPCREL(%rip), %rdx
# jitlink-check: *{1}(code + 140) = 0x49
# jitlink-check: *{2}(code + 141) = 0xf581
# jitlink-check: decode_operand(code + 140, 2) = low
        xorq    low@GOTPCREL(%rip), %r13
# jitlink-check: *{1}(code + 147) = 0x48
# jitlink-check: *{2}(code + 148) = 0xfa81
# jitlink-check: decode_operand(code + 147, 1) = low
        cmpq    low@GOTPCREL(%rip), %rdx
# jitlink-check: *{1}(code + 154) = 0x49
# jitlink-check: *{2}(code + 155) = 0xfd81
# jitlink-check: decode_operand(code + 154, 1) = low
        cmpq    low@GOTPCREL(%rip), %r13
# jitlink-check: *{1}(code + 161) = 0x48
# jitlink-check: *{2}(code + 162) = 0xc6f7
# jitlink-check: decode_operand(code + 161, 1) = low
        testq   %rsi, low@GOTPCREL(%rip)
# jitlink-check: *{1}(code + 168) = 0x49
# jitlink-check: *{2}(code + 169) = 0xc1f7
# jitlink-check: decode_operand(code + 168, 1) = low
        testq   %r9, low@GOTPCREL(%rip)
# jitlink-check: *{2}(code + 175) = 0xc581
# jitlink-check: *{4}(code + 177) = low[31:0]
        addl    low@GOTPCREL(%rip), %ebp
# jitlink-check: *{2}(code + 181) = 0xcd81
# jitlink-check: *{4}(code + 183) = low[31:0]
        orl     low@GOTPCREL(%rip), %ebp
# jitlink-check: *{2}(code + 187) = 0xd581
# jitlink-check: *{4}(code + 189) = low[31:0]
        adcl    low@GOTPCREL(%rip), %ebp
# jitlink-check: *{2}(code + 193) = 0xdd81
# jitlink-check: *{4}(code + 195) = low[31:0]
        sbbl    low@GOTPCREL(%rip), %ebp
# jitlink-check: *{2}(code + 199) = 0xe581
# jitlink-check: *{4}(code + 201) = low[31:0]
        andl    low@GOTPCREL(%rip), %ebp
# jitlink-check: *{2}(code + 205) = 0xed81
# jitlink-check: *{4}(code + 207) = low[31:0]
        subl    low@GOTPCREL(%rip), %ebp
# jitlink-check: *{2}(code + 211) = 0xf581
# jitlink-check: *{4}(code + 213) = low[31:0]
        xorl    low@GOTPCREL(%rip), %ebp
# jitlink-check: *{2}(code + 217) = 0xfd81
# jitlink-check: *{4}(code + 219) = low[31:0]
        cmpl    low@GOTPCREL(%rip), %ebp
        .size   code, . - code
