//# about: Names that begin beyond the end of the string table.
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
x.set("<I", symbols.offset + symbols.size - 24, 0x7fffffff)
x.save("spoilt.o")
