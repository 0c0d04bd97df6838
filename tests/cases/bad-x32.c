//# about: An object for x32: x86-64 machine code in a 32-bit file.
//# needs: as
//# manual: other.s
//# sh: as --x32 other.s -o other.o
//# link: other.o
//# error: other.o
int main(void) { return 0; }
//# file: other.s
    .globl other
other: ret
