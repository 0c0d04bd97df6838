//# about: An archive inside an archive is no object.
//# sh: $AR qcs inner.a used.o && $AR qcs outer.a inner.a
//# args: main.o outer.a
//# skip-oracle: GNU ld passes over such a member
//# error: outer.a
int used(void);
int main(void) { return used(); }
//# file: used.c
int used(void) { return 1; }
