## about: what is out of reach, and not low, stays in the GOT, in one entry; so does what may not be rewritten
## check: --base 0x7f0000000000 --abs far=0x123456789abc --abs limit=0x7f0080000000
## check: --base 0x7f0000000000 --no-relax --abs far=0x7f0000010000 --abs limit=0x7f0000010010
## check: --base 0x7f0000000000 --abs far=0x80000000 --abs limit=0x7f7f00000000
        .globl  code
        .type   code, @function
# jitlink-check: *{8}got_addr(main.o, far) = far
# jitlink-check: *{8}got_addr(main.o, limit) = limit
# jitlink-check: *{1}(code + 0) = 0x4c
# jitlink-check: *{1}(code + 1) = 0x8b
# jitlink-check: *{1}(code + 2) = 0xd
# jitlink-check: decode_operand(code + 0, 4) = got_addr(main.o, far) - (code + 7)
code:   movq    far@GOTPCREL(%rip), %r9
# jitlink-check: *{1}(code + 7) = 0x8b
# jitlink-check: *{1}(code + 8) = 0xd
# jitlink-check: decode_operand(code + 7, 4) = got_addr(main.o, far) - (code + 13)
        movl    far@GOTPCREL(%rip), %ecx
# jitlink-check: *{1}(code + 13) = 0xff
# jitlink-check: *{1}(code + 14) = 0x15
# jitlink-check: decode_operand(code + 13, 3) = got_addr(main.o, far) - (code + 19)
        call    *far@GOTPCREL(%rip)
# jitlink-check: *{1}(code + 19) = 0xff
# jitlink-check: *{1}(code + 20) = 0x25
# jitlink-check: decode_operand(code + 19, 3) = got_addr(main.o, far) - (code + 25)
        jmp     *far@GOTPCREL(%rip)
# jitlink-check: *{1}(code + 25) = 0x4c
# jitlink-check: *{1}(code + 26) = 0x85
# jitlink-check: *{1}(code + 27) = 0x15
# jitlink-check: decode_operand(code + 25, 3) = got_addr(main.o, far) - (code + 32)
        testq   %r10, far@GOTPCREL(%rip)
# jitlink-check: *{1}(code + 32) = 0x48
# jitlink-check: *{1}(code + 33) = 0x3
# jitlink-check: *{1}(code + 34) = 0x15
# jitlink-check: decode_operand(code + 32, 5) = got_addr(main.o, far) - (code + 39)
        addq    far@GOTPCREL(%rip), %rdx
# jitlink-check: *{1}(code + 39) = 0x3b
# jitlink-check: *{1}(code + 40) = 0x35
# jitlink-check: decode_operand(code + 39, 4) = got_addr(main.o, far) - (code + 45)
        cmpl    far@GOTPCREL(%rip), %esi
# jitlink-check: *{1}(code + 45) = 0x48
# jitlink-check: *{1}(code + 46) = 0x8b
# jitlink-check: *{1}(code + 47) = 0x5
# jitlink-check: decode_operand(code + 45, 4) = got_addr(main.o, limit) - (code + 52)
        movq    limit@GOTPCREL(%rip), %rax
# jitlink-check: *{1}(code + 52) = 0xff
# jitlink-check: *{1}(code + 53) = 0x35
# jitlink-check: decode_operand(code + 52, 3) = got_addr(main.o, far) - (code + 58)
        pushq   far@GOTPCREL(%rip)
        .size   code, . - code
