## about: A relocation type that nobody knows: the error gives its number and place.
## needs: python3
## manual: x.s
## sh: $CC -c x.s && python3 patch.py
## link: x.o
## error: x.o: .data
## error: 94
## oracle-error: 0x5e
## file: main.c
int main(void) { return 0; }
## file: x.s
    .data
    .globl field
field: .quad unique_name_of_target
    .globl unique_name_of_target
unique_name_of_target: .quad 0
    .section .note.GNU-stack,"",@progbits
## file: patch.py
# Gives the only relocation, an R_X86_64_64, the type 94.
from elf import Elf, RELA
x = Elf("x.o")
x.set("<I", x.of_kind(RELA).offset + 8, 94)
x.save("x.o")
