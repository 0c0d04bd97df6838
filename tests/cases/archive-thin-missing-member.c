//# about: A thin archive whose member's file is gone: the error names archive and member.
//# archive: libx.a [thin] used.o
//# sh: rm used.o
//# error: libx.a
//# error: used.o
int used(void);
int main(void) { return used(); }
//# file: used.c
int used(void) { return 0; }
