//# about: Another set finds one address for all names of an ifunc, also where the first set takes it by one name only.
//# flags: -fPIC | -fPIC -fno-plt
//# stdout: 5 5 1 1 1
//# file: base.c
static int implementation(void) { return 5; }
static void *resolve(void) { return implementation; }
int f(void) __attribute__((ifunc("resolve")));
int g(void) __attribute__((alias("f")));
int (*base(void))(void) { return g; }
//# file: app.c
#include <stdio.h>
int f(void), g(void);
int (*base(void))(void);
int main(void) {
    int (*volatile one)(void) = f;
    int (*volatile other)(void) = g;
    printf("%d %d %d %d %d\n", f(), g(), one == other, one == base(), other == base());
}
//# manual: base.c app.c
//# sh: $CC -fPIC -c base.c app.c
//# args: --set base: base.o --set app: --use base --share base app.o
//# oracle-args: base.o app.o
