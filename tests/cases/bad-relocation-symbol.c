//# about: A relocation against a symbol that does not exist.
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
x.set("<I", x.of_kind(RELA).offset + 12, 0x7fffff)
x.save("spoilt.o")
