## about: a load through the GOT behind a REX2 prefix (type 43) becomes lea and keeps its prefix, where the target is in reach
## needs: python3
## sh: python3 patch.py
## check: --base 0x7f0000000000 --abs near=0x7f0010000000
        .data
        .globl  code
# jitlink-check: *{4}code = 0x058d48d5
# jitlink-check: *{4}(code + 4) = (near - (code + 8))[31:0]
code:   .byte   0xd5, 0x48, 0x8b, 0x05
        .long   near@GOTPCREL - 4
## file: patch.py
# Turns the only relocation, an R_X86_64_GOTPCREL, into type 43, which older assemblers do not know.
from elf import Elf, RELA
x = Elf("main.o")
x.set("<I", x.of_kind(RELA).offset + 8, 43)
x.save("main.o")
