//# about: A section group that names a section which does not exist.
//# needs: python3
//# manual: group.s
//# sh: $CC -c group.s && python3 spoil.py
//# link: spoilt.o
//# error: spoilt.o
int main(void) { return 0; }
//# file: group.s
    .section .text.f,"axG",@progbits,f,comdat
    .globl f
f:  ret
//# file: spoil.py
from elf import Elf, GROUP
x = Elf("group.o")
x.set("<I", x.of_kind(GROUP).offset + 4, 9999)
x.save("spoilt.o")
