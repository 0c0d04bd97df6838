//# about: A hidden ifunc used by another object through PC32 and data; its address is one.
//# compilers: clang
//# needs: ld.lld
//# oracle-flags: -fuse-ld=lld
//# flags: -fPIC -O2 | -fno-pic -O2
//# stdout: 9 9 1
#include <stdio.h>
__attribute__((visibility("hidden"))) int chosen(void);
int (*table[])(void) = {chosen};
int main(void) {
    int (*volatile here)(void) = chosen;
    printf("%d %d %d\n", chosen(), table[0](), here == table[0]);
}
//# file: ifunc.c
static int implementation(void) { return 9; }
static void *resolve(void) { return implementation; }
__attribute__((visibility("hidden"))) int chosen(void) __attribute__((ifunc("resolve")));
