//# about: Without --share a set has GOT entries of its own for what another set has entries for; with it, none.
//# file: base.c
#include <stdio.h>
int base(void) { return puts("base"); }
//# file: app.c
#include <stdio.h>
int base(void);
int main(void) { base(); puts("app"); }
//# manual: base.c app.c
//# sh: $CC -fPIC -fno-plt -c base.c app.c
// Each plan's counts, side by side: base, app; then with sharing.
//# args: --no-relax --stats --set base: base.o --set app: --share base app.o
//# skip-oracle: only setlink has sets
//# stderr: 1 GOT entries, 0 stubs
//# stderr: 0 GOT entries, 0 stubs
//# stdout: base
//# stdout: app
