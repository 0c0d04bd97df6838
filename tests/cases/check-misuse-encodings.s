## about: operands of instructions whose numbering nobody has compared with LLVM's are not guessed
## check:
## check-error: with the EVEX encoding have no known numbers; read the field with *{4}(…)
## check-error: the bytes at `rex2`+0 have a REX2 prefix (APX), which is not decoded
## check-error: the bytes at `cut`+0 are no instruction
## check-error: `nothing` has no size
        .type   evex, @function
# jitlink-check: decode_operand(evex, 4) = 0
# jitlink-check: next_pc(evex) = evex + 10
evex:   .byte   0x62, 0xf1, 0xfe, 0x48, 0x6f, 0x05
        .long   evex - . - 4
        .size   evex, . - evex
# jitlink-check: decode_operand(rex2, 4) = 0
rex2:   .byte   0xd5, 0x48, 0x8b, 0x05
        .long   0
        .size   rex2, . - rex2
# jitlink-check: next_pc(cut) = 0
cut:    .byte   0xe8, 0
        .size   cut, . - cut
# jitlink-check: next_pc(nothing) = 0
nothing:
