//# about: A 32-bit object.
//# needs: as
//# manual: other.s
//# sh: as --32 other.s -o other.o
//# link: other.o
//# error: other.o
int main(void) { return 0; }
//# file: other.s
    .globl other
other: ret
