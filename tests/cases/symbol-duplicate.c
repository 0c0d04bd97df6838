//# about: Two strong definitions: the error names the symbol and both places.
//# error: b.o
//# error: symbol `twice` is defined twice; first in a.o
//# oracle-error: multiple definition of `twice'
int main(void) { return 0; }
//# file: a.c
int twice(void) { return 1; }
//# file: b.c
int twice(void) { return 2; }
