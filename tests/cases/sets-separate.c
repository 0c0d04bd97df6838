//# about: A set that is not named is not seen: its definitions are undefined for others, and two sets may define the same name.
//# file: a.c
#include <stdio.h>
int name(void) { return 1; }
int only_a(void) { return 1; }
//# file: b.c
#include <stdio.h>
int name(void) { return 2; }
int main(void) { printf("%d\n", name()); }
//# file: c.c
int only_a(void);
int main(void) { return only_a(); }
//# manual: a.c b.c c.c
//# sh: $CC -fPIC -c a.c b.c c.c
//# args: --set a a.o --set b b.o
//# skip-oracle: only setlink has sets
//# stdout: 2
