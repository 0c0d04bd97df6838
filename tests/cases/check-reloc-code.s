## about: the types of instructions with APX prefixes (43 to 51): the distance to an entry. Setlink rewrites only those of a REX2 prefix and one byte of opcode
## needs: python3
## sh: python3 patch.py
## check: --base 0x7f0000000000 --abs far=0x123456789abc
## check: --base 0x7f0000000000 --abs far=0x123456789abc --no-relax
# The block of thread-local storage has 16 bytes, and ends at the thread pointer.
        .section .tdata, "awT", @progbits
        .p2align 3
        .quad   0
t:      .long   1
d:      .long   2
        .data
        .globl  fields
# jitlink-check: *{4}fields = (got_addr(main.o, far) - fields)[31:0]
# jitlink-check: *{4}(fields + 4) = (got_addr(main.o, far) - 4 - (fields + 4))[31:0]
# jitlink-check: *{4}(fields + 8) = (got_addr(main.o, far) + 5 - (fields + 8))[31:0]
# jitlink-check: *{8}got_addr(main.o, far) = far
# jitlink-check: *{4}(fields + 12) = (got_addr(main.o, t) - (fields + 12))[31:0]
# jitlink-check: *{4}(fields + 16) = (got_addr(main.o, t) - 4 - (fields + 16))[31:0]
# jitlink-check: *{4}(fields + 20) = (got_addr(main.o, t) + 5 - (fields + 20))[31:0]
# jitlink-check: *{8}got_addr(main.o, t) = t - 16
# jitlink-check: *{4}(fields + 24) = (got_addr(main.o, d) - (fields + 24))[31:0]
# jitlink-check: *{4}(fields + 28) = (got_addr(main.o, d) - 4 - (fields + 28))[31:0]
# jitlink-check: *{4}(fields + 32) = (got_addr(main.o, d) + 5 - (fields + 32))[31:0]
fields: .reloc  ., R_X86_64_GOTPCREL, far
        .long   0
        .reloc  ., R_X86_64_GOTPCREL, far - 4
        .long   0
        .reloc  ., R_X86_64_GOTPCREL, far + 5
        .long   0
        .reloc  ., R_X86_64_GOTTPOFF, t
        .long   0
        .reloc  ., R_X86_64_GOTTPOFF, t - 4
        .long   0
        .reloc  ., R_X86_64_GOTTPOFF, t + 5
        .long   0
        .reloc  ., R_X86_64_GOTPC32_TLSDESC, d
        .long   0
        .reloc  ., R_X86_64_GOTPC32_TLSDESC, d - 4
        .long   0
        .reloc  ., R_X86_64_GOTPC32_TLSDESC, d + 5
        .long   0
## file: patch.py
# Gives the relocations the types that older assemblers do not know.
from elf import Elf, RELA
x = Elf("main.o")
for index, number in enumerate([43, 46, 49, 44, 47, 50, 45, 48, 51]):
    x.set("<I", x.of_kind(RELA).offset + 24 * index + 8, number)
x.save("main.o")
