//# about: Two names of one ifunc have one address, wherever it is taken: in code, through the GOT, in data, in other objects.
//# flags: -fPIC -O2 | -fPIE -O2 | -fPIC -fno-plt -O2
//# stdout: 42 42 42 1 1 1 1
#include <stdio.h>
int chosen(void), other(void), third(void);
int (*pointer)(void) = chosen;
int (*address(void))(void);
int main(void) {
    int (*volatile here)(void) = chosen;
    int (*volatile there)(void) = other;
    printf("%d %d %d ", chosen(), other(), third());
    printf("%d %d %d %d\n", here == there, pointer == there, here == address(), pointer == third);
}
//# file: ifunc.c
static int implementation(void) { return 42; }
static void *resolve(void) { return implementation; }
int chosen(void) __attribute__((ifunc("resolve")));
int other(void) __attribute__((alias("chosen")));
int third(void) __attribute__((weak, alias("chosen")));
//# file: address.c
int other(void);
int (*address(void))(void) { return other; }
