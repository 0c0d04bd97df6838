//# about: An archive inside an archive is no object; its symbols are not found.
//# sh: $AR qcs inner.a used.o && $AR qcs outer.a inner.a
//# args: main.o outer.a
//# error: undefined symbol `used`
int used(void);
int main(void) { return used(); }
//# file: used.c
int used(void) { return 1; }
