## about: initial exec and descriptors behind a REX2 prefix (types 44, 45) become constants; the register's high bits move from R to B (psABI, APX)
## needs: python3
## sh: python3 patch.py
## check: --base 0x7f0000000000
# The block has 16 bytes, and ends at the thread pointer.
        .section .tdata, "awT", @progbits
        .p2align 3
        .quad   0
t:      .quad   1
        .text
        .globl  code
# mov t@gottpoff(%rip), %r16: mov $t@tpoff, %r16
# jitlink-check: *{4}code = 0xc0c718d5
# jitlink-check: *{4}(code + 4) = (t - 16)[31:0]
code:   .byte   0xd5, 0x48, 0x8b, 0x05
        .reloc  ., R_X86_64_GOTTPOFF, t - 4
        .long   0
# add t@gottpoff(%rip), %r31: add $t@tpoff, %r31
# jitlink-check: *{4}(code + 8) = 0xc78119d5
# jitlink-check: *{4}(code + 12) = (t - 16)[31:0]
        .byte   0xd5, 0x4c, 0x03, 0x3d
        .reloc  ., R_X86_64_GOTTPOFF, t - 4
        .long   0
# lea t@tlsdesc(%rip), %r16: mov $t@tpoff, %r16
# jitlink-check: *{4}(code + 16) = 0xc0c718d5
# jitlink-check: *{4}(code + 20) = (t - 16)[31:0]
        .byte   0xd5, 0x48, 0x8d, 0x05
        .reloc  ., R_X86_64_GOTPC32_TLSDESC, t - 4
        .long   0
## file: patch.py
# Gives the relocations the types that older assemblers do not know.
from elf import Elf, RELA
x = Elf("main.o")
for index, number in enumerate([44, 44, 45]):
    x.set("<I", x.of_kind(RELA).offset + 24 * index + 8, number)
x.save("main.o")
