//# about: A common symbol and a library's variable of its name are one: with its value, unless it is weak, and with room for
//# about: both.
//# flags: -fcommon -fPIC | -fcommon -fPIE | -fcommon -fno-pic
//# file: lib.c
int strong = 5, larger[4];
__attribute__((weak)) int weak = 6;
__attribute__((aligned(64))) int aligned;
int *of_strong(void) { return &strong; }
int *of_weak(void) { return &weak; }
int *of_larger(void) { return larger; }
long of_aligned(void) { return (long)&aligned; }
//# file: main.c
#include <stdio.h>
int strong, weak, larger[1], guard[3], aligned, optind, opterr;
int *of_strong(void), *of_weak(void), *of_larger(void);
long of_aligned(void);
int main(void) {
    for (int i = 0; i < 4; i++)
        of_larger()[i] = -1;
    printf("%d %d, %d %d, %d, ", strong, of_strong() == &strong, weak, of_weak() == &weak, of_larger() == larger);
    printf("%d %d %d, ", guard[0], guard[1], guard[2]);
    printf("%d, %d %d\n", (long)&aligned == of_aligned(), optind, opterr);
}
//# shared: libown.so lib.c -fcommon -Wl,-soname,libown.so
//# stdout: 5 1, 0 1, 1, 0 0 0, 1, 1 1
