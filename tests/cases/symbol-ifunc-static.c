//# about: A local ifunc.
//# flags: -fPIC | -fno-pic | -fPIC -O2
//# stdout: 7 7 1
#include <stdio.h>
static int implementation(void) { return 7; }
static int (*resolve(void))(void) { return implementation; }
static int chosen(void) __attribute__((ifunc("resolve")));
static int (*const table[])(void) = {chosen, implementation};
int main(void) {
    int (*volatile here)(void) = chosen;
    printf("%d %d %d\n", here(), table[0](), here == table[0]);
}
