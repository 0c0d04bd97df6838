//# about: An alignment that is no power of two, and one of 2^63.
//# needs: python3
//# sh: python3 spoil.py
//# args: three.o huge.o
//# skip-oracle: linkers differ about it
//# error: three.o
//# error: huge.o
int main(void) { return 0; }
//# file: spoil.py
from elf import Elf
for name, alignment in ("three.o", 3), ("huge.o", 1 << 63):
    x = Elf("main.o")
    x.sections[1].set_alignment(alignment)
    x.save(name)
