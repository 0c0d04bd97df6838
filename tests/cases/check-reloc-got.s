## about: the GOT: its address, offsets from it, and its entries (types 3, 9, 25 to 31, 41, 42)
## check: --base 0x7f0000000000 --no-relax --abs outside=0x123456789abc
## check: --base 0x400000 --no-relax --abs outside=0x10
        .globl  f, variable, relative, offsets
        .text
        .type   f, @function
# jitlink-check: decode_operand(f, 4) = got_addr(main.o, variable) - next_pc(f)
f:      movq    variable@GOTPCREL(%rip), %rax
# jitlink-check: decode_operand(f + 7, 4) = got_addr(main.o, variable) - (f + 13)
        movl    variable@GOTPCREL(%rip), %eax
# jitlink-check: decode_operand(f + 13, 3) = got_addr(main.o, outside) - (f + 19)
        call    *outside@GOTPCREL(%rip)
# jitlink-check: decode_operand(f + 19, 1) = got_addr(main.o, variable) - _GLOBAL_OFFSET_TABLE_
        movabsq $variable@GOT, %rax
# jitlink-check: decode_operand(f + 29, 1) = variable - _GLOBAL_OFFSET_TABLE_
        movabsq $variable@GOTOFF, %rax
# jitlink-check: decode_operand(f + 39, 4) = _GLOBAL_OFFSET_TABLE_ - (f + 46)
        leaq    _GLOBAL_OFFSET_TABLE_(%rip), %rbx
# jitlink-check: decode_operand(f + 46, 1) = f - _GLOBAL_OFFSET_TABLE_
        movabsq $f@PLTOFF, %rax
        .size   f, . - f

# jitlink-check: *{8}got_addr(main.o, variable) = variable
# jitlink-check: *{8}got_addr(main.o, outside) = outside
        .data
variable:
        .quad   0
# jitlink-check: *{4}relative = (got_addr(main.o, variable) - relative)[31:0]
# jitlink-check: *{4}(relative + 4) = (_GLOBAL_OFFSET_TABLE_ + 2 - (relative + 4))[31:0]
# jitlink-check: *{8}(relative + 8) = got_addr(main.o, variable) - (relative + 8)
# jitlink-check: *{8}(relative + 16) = _GLOBAL_OFFSET_TABLE_ - (relative + 16)
relative:
        .reloc  ., R_X86_64_GOTPCREL, variable
        .long   0
        .reloc  ., R_X86_64_GOTPC32, _GLOBAL_OFFSET_TABLE_ + 2
        .long   0
        .reloc  ., R_X86_64_GOTPCREL64, variable
        .quad   0
        .reloc  ., R_X86_64_GOTPC64, _GLOBAL_OFFSET_TABLE_
        .quad   0
# jitlink-check: *{4}offsets = (got_addr(main.o, variable) - _GLOBAL_OFFSET_TABLE_)[31:0]
# jitlink-check: *{8}(offsets + 8) = got_addr(main.o, variable) + 8 - _GLOBAL_OFFSET_TABLE_
# jitlink-check: *{8}(offsets + 16) = got_addr(main.o, variable) - _GLOBAL_OFFSET_TABLE_
# jitlink-check: *{8}(offsets + 24) = variable + 3 - _GLOBAL_OFFSET_TABLE_
# jitlink-check: *{8}(offsets + 32) = f - _GLOBAL_OFFSET_TABLE_
offsets:
        .reloc  ., R_X86_64_GOT32, variable
        .quad   0
        .reloc  ., R_X86_64_GOT64, variable + 8
        .quad   0
        .reloc  ., R_X86_64_GOTPLT64, variable
        .quad   0
        .reloc  ., R_X86_64_GOTOFF64, variable + 3
        .quad   0
        .reloc  ., R_X86_64_PLTOFF64, f
        .quad   0
