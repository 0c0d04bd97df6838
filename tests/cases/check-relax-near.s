## about: a load of an address through the GOT computes it, and calls and jumps go straight (psABI B.2), target in reach but not low
## check: --base 0x7f0000000000 --abs near=0x7f0010000000
        .globl  code, near_too
        .type   code, @function
# jitlink-check: *{1}(code + 0) = 0x48
# jitlink-check: *{2}(code + 1) = 0x58d
# jitlink-check: decode_operand(code + 0, 4) = near_too - (code + 7)
code:   movq    near_too@GOTPCREL(%rip), %rax
# jitlink-check: *{1}(code + 7) = 0x48
# jitlink-check: *{2}(code + 8) = 0xd8d
# jitlink-check: decode_operand(code + 7, 4) = near - (code + 14)
        movq    near@GOTPCREL(%rip), %rcx
# jitlink-check: *{1}(code + 14) = 0x48
# jitlink-check: *{2}(code + 15) = 0x158d
# jitlink-check: decode_operand(code + 14, 4) = near_too - (code + 21)
        movq    near_too@GOTPCREL(%rip), %rdx
# jitlink-check: *{1}(code + 21) = 0x48
# jitlink-check: *{2}(code + 22) = 0x1d8d
# jitlink-check: decode_operand(code + 21, 4) = near - (code + 28)
        movq    near@GOTPCREL(%rip), %rbx
# jitlink-check: *{1}(code + 28) = 0x48
# jitlink-check: *{2}(code + 29) = 0x258d
# jitlink-check: decode_operand(code + 28, 4) = near_too - (code + 35)
        movq    near_too@GOTPCREL(%rip), %rsp
# jitlink-check: *{1}(code + 35) = 0x48
# jitlink-check: *{2}(code + 36) = 0x2d8d
# jitlink-check: decode_operand(code + 35, 4) = near - (code + 42)
        movq    near@GOTPCREL(%rip), %rbp
# jitlink-check: *{1}(code + 42) = 0x48
# jitlink-check: *{2}(code + 43) = 0x358d
# jitlink-check: decode_operand(code + 42, 4) = near_too - (code + 49)
        movq    near_too@GOTPCREL(%rip), %rsi
# jitlink-check: *{1}(code + 49) = 0x48
# jitlink-check: *{2}(code + 50) = 0x3d8d
# jitlink-check: decode_operand(code + 49, 4) = near - (code + 56)
        movq    near@GOTPCREL(%rip), %rdi
# jitlink-check: *{1}(code + 56) = 0x4c
# jitlink-check: *{2}(code + 57) = 0x58d
# jitlink-check: decode_operand(code + 56, 4) = near_too - (code + 63)
        movq    near_too@GOTPCREL(%rip), %r8
# jitlink-check: *{1}(code + 63) = 0x4c
# jitlink-check: *{2}(code + 64) = 0xd8d
# jitlink-check: decode_operand(code + 63, 4) = near - (code + 70)
        movq    near@GOTPCREL(%rip), %r9
# jitlink-check: *{1}(code + 70) = 0x4c
# jitlink-check: *{2}(code + 71) = 0x158d
# jitlink-check: decode_operand(code + 70, 4) = near_too - (code + 77)
        movq    near_too@GOTPCREL(%rip), %r10
# jitlink-check: *{1}(code + 77) = 0x4c
# jitlink-check: *{2}(code + 78) = 0x1d8d
# jitlink-check: decode_operand(code + 77, 4) = near - (code + 84)
        movq    near@GOTPCREL(%rip), %r11
# jitlink-check: *{1}(code + 84) = 0x4c
# jitlink-check: *{2}(code + 85) = 0x258d
# jitlink-check: decode_operand(code + 84, 4) = near_too - (code + 91)
        movq    near_too@GOTPCREL(%rip), %r12
# jitlink-check: *{1}(code + 91) = 0x4c
# jitlink-check: *{2}(code + 92) = 0x2d8d
# jitlink-check: decode_operand(code + 91, 4) = near - (code + 98)
        movq    near@GOTPCREL(%rip), %r13
# jitlink-check: *{1}(code + 98) = 0x4c
# jitlink-check: *{2}(code + 99) = 0x358d
# jitlink-check: decode_operand(code + 98, 4) = near_too - (code + 105)
        movq    near_too@GOTPCREL(%rip), %r14
# jitlink-check: *{1}(code + 105) = 0x4c
# jitlink-check: *{2}(code + 106) = 0x3d8d
# jitlink-check: decode_operand(code + 105, 4) = near - (code + 112)
        movq    near@GOTPCREL(%rip), %r15
# jitlink-check: *{2}(code + 112) = 0x58d
# jitlink-check: decode_operand(code + 112, 4) = near - (code + 118)
        movl    near@GOTPCREL(%rip), %eax
# jitlink-check: *{2}(code + 118) = 0x1d8d
# jitlink-check: decode_operand(code + 118, 4) = near - (code + 124)
        movl    near@GOTPCREL(%rip), %ebx
# jitlink-check: *{2}(code + 124) = 0x3d8d
# jitlink-check: decode_operand(code + 124, 4) = near - (code + 130)
        movl    near@GOTPCREL(%rip), %edi
# jitlink-check: *{2}(code + 130) = 0xe867
# jitlink-check: *{4}(code + 132) = (near - (code + 136))[31:0]
# jitlink-check: decode_operand(code + 130, 0) = near - (code + 136)
        call    *near@GOTPCREL(%rip)
# jitlink-check: *{1}(code + 136) = 0xe9
# jitlink-check: *{4}(code + 137) = (near_too - (code + 141))[31:0]
# jitlink-check: *{1}(code + 141) = 0x90
        jmp     *near_too@GOTPCREL(%rip)
        .size   code, . - code
near_too:
        ret
