//# about: A .bss of 2^62 bytes is refused without asking for the memory.
//# needs: python3
//# sh: python3 spoil.py
//# args: spoilt.o
//# error: spoilt.o
//# skip-oracle: linkers differ about it
static int zero;
int main(void) { return zero; }
//# file: spoil.py
from elf import Elf, NOBITS
x = Elf("main.o")
x.of_kind(NOBITS).set_size(1 << 62)
x.save("spoilt.o")
