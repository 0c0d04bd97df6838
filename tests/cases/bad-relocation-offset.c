//# about: A relocation that would write past the end of its section.
//# needs: python3
//# sh: python3 spoil.py
//# args: spoilt.o
//# error: spoilt.o
int number;
int *pointer = &number;
int main(void) { return 0; }
//# file: spoil.py
from elf import Elf, RELA
x = Elf("main.o")
x.set("<Q", x.of_kind(RELA).offset, 0x1001)
x.save("spoilt.o")
