//# about: The floating-point environment is the default one.
//# link: -lm
//# stdout: 1 1 0
#include <fenv.h>
#include <stdio.h>
#include <xmmintrin.h>
int main(void) {
    unsigned short control;
    __asm__("fnstcw %0" : "=m"(control));
    printf("%d %d %d\n", (_mm_getcsr() & ~0x3fu) == 0x1f80, control == 0x37f, fegetround());
}
