//# about: Without --share a set has a GOT entry of its own for what an earlier set has one for: base has two, app one.
//# file: base.c
#include <stdio.h>
#include <unistd.h>
__attribute__((constructor)) static void begin(void) { if (getpid()) puts("base"); }
//# file: app.c
#include <stdio.h>
int main(void) { puts("app"); }
//# manual: base.c app.c
//# sh: $CC -fPIC -fno-plt -c base.c app.c
//# args: --no-relax --stats=json --set base: base.o --set app: app.o
//# skip-oracle: only setlink has sets
//# stderr: "got_entries":2,
//# stderr: "got_entries":1,
//# stdout: base
//# stdout: app
