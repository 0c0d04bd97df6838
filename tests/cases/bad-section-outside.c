//# about: A section that lies beyond the end of the file.
//# needs: python3
//# sh: python3 spoil.py
//# args: spoilt.o
//# error: spoilt.o
int main(void) { return 0; }
//# file: spoil.py
from elf import Elf
x = Elf("main.o")
x.sections[1].set_offset(1 << 62)
x.save("spoilt.o")
