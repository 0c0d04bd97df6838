//# about: A member taken in for one symbol that also defines another one a second time: both places are named.
//# archive: libx.a needed.o
//# error: symbol `twice` is defined twice
//# error: main.o
//# error: libx.a(needed.o)
//# oracle-error: multiple definition
int needed(void);
int twice(void) { return 1; }
int main(void) { return needed() + twice(); }
//# file: needed.c
int needed(void) { return 1; }
int twice(void) { return 2; }
