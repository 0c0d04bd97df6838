## about: a load through the GOT behind a REX2 prefix (type 43) becomes lea, prefix kept; types 46 and 49 keep their entry
## needs: -Wa,--gdwarf-5
## check: --base 0x7f0000000000
        .globl  code, near
        .type   code, @function
# jitlink-check: *{4}code = 0x058d48d5
# jitlink-check: *{4}(code + 4) = (near - (code + 8))[31:0]
code:   .byte   0xd5, 0x48, 0x8b, 0x05
        .reloc  ., R_X86_64_CODE_4_GOTPCRELX, near - 4
        .long   0
        .size   code, . - code
near:   ret
