//# about: A symbol in a section that does not exist.
//# needs: python3
//# sh: python3 spoil.py
//# args: spoilt.o
//# skip-oracle: linkers differ about it
//# error: spoilt.o
int main(void) { return 0; }
//# file: spoil.py
from elf import Elf, SYMTAB
x = Elf("main.o")
symbols = x.of_kind(SYMTAB)
x.set("<H", symbols.offset + symbols.size - 24 + 6, 0x7fff)
x.save("spoilt.o")
