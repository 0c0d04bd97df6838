//# about: A member that is needed and is no good: the error names archive and member.
//# sh: cp used.o good.o && $AR qcs libx.a used.o && python3 spoil.py
//# needs: python3
//# args: main.o libx.a
//# error: libx.a(used.o)
int used(void);
int main(void) { return used(); }
//# file: used.c
int used(void) { return 0; }
//# file: spoil.py
# The member's section table lies far outside of it.
from elf import Elf
x = Elf("libx.a", open("libx.a", "rb").read().index(b"\x7fELF"))
x.set("<Q", 0x28, 1 << 40)
x.save("libx.a")
