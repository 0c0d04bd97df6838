//# about: An ifunc, called directly, through a pointer in data, and through its address; all addresses are equal.
//# compilers: gcc clang
//# flags: -O0 | -O2
//# flags: -fPIC | -fPIE | -fno-pic | -fPIC -fno-plt | -fno-pic -mcmodel=large
//# stdout: 42 42 42 1 1
#include <stdio.h>
int chosen(void);
int (*pointer)(void) = chosen;
int (*address(void))(void);
int main(void) {
    int (*volatile here)(void) = chosen;
    printf("%d %d %d %d %d\n", chosen(), pointer(), here(), here == pointer, here == address());
}
//# file: ifunc.c
static int implementation(void) { return 42; }
static int (*resolve(void))(void) { return implementation; }
int chosen(void) __attribute__((ifunc("resolve")));
//# file: address.c
int chosen(void);
int (*address(void))(void) { return chosen; }
