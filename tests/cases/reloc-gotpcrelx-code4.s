## about: R_X86_64_CODE_4_GOTPCRELX (for instructions with a REX2 prefix) at least gives a right entry.
## needs: python3
## manual: x.s
## sh: $CC -c x.s && python3 patch.py
## link: x.o
## skip-oracle: older linkers do not know this relocation
## stdout: 5
## file: main.c
#include <stdio.h>
int five = 5;
extern int offset;
int main(void) { printf("%d\n", **(int **)((char *)&offset + offset)); }
## file: x.s
    .data
    .globl offset
    .long 0x8b48d5, 0
offset: .long five@GOTPCREL
    .section .note.GNU-stack,"",@progbits
## file: patch.py
# Turns the only relocation, an R_X86_64_GOTPCREL, into type 43.
from elf import Elf, RELA
x = Elf("x.o")
x.set("<I", x.of_kind(RELA).offset + 8, 43)
x.save("x.o")
