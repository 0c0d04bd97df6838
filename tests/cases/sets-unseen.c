//# about: The definitions of a set that is not asked for are not there.
//# file: a.c
int only_a(void) { return 1; }
//# file: b.c
int only_a(void);
int main(void) { return only_a(); }
//# manual: a.c b.c
//# sh: $CC -fPIC -c a.c b.c
//# args: --set a: a.o --set b: b.o
//# skip-oracle: only setlink has sets
//# error: `only_a`
