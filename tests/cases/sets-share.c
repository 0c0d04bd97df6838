//# about: With --share a set uses the GOT entries that another set has, and needs none of its own; sets-share-not is the same without.
//# file: base.c
#include <stdio.h>
__attribute__((constructor)) static void begin(void) { puts("base"); }
//# file: app.c
#include <stdio.h>
int main(void) { puts("app"); }
//# manual: base.c app.c
//# sh: $CC -fPIC -fno-plt -c base.c app.c
//# args: --no-relax --stats --set base: base.o --set app: --share base app.o
//# skip-oracle: only setlink has sets
//# stderr: 1 GOT entries, 0 stubs
//# stderr: 0 GOT entries, 0 stubs
//# stdout: base
//# stdout: app
