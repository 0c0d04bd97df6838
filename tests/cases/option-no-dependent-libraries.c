//# about: With --no-dependent-libraries, libraries that objects name do not count.
//# manual: one.c
//# sh: $CC -c one.c && ar rcs libone.a one.o
//# args: main.o -L. --no-dependent-libraries
//# oracle-args: main.o -L.
//# error: undefined symbol `one`
//# file: main.c
__asm__(".pushsection .deplibs,\"MS\",@0x6fff4c04,1\n.asciz \"one\"\n.popsection");
int one(void);
int main(void) { return one() - 1; }
//# file: one.c
int one(void) { return 1; }
