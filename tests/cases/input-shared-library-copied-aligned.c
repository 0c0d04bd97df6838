//# about: A library's variable keeps its alignment where the program has a copy of it, also one larger than the variable.
//# flags: -fno-pic | -fPIE | -fPIC
//# shared: libx.so x.c
//# stdout: 0 0 0 0 1 2 3
#include <stdint.h>
#include <stdio.h>
extern int first, second, third;
extern long fourth;
int main(void) {
    printf("%d %d %d %d %d %d %d\n", (int)((uintptr_t)&first % 64), (int)((uintptr_t)&second % 512),
           (int)((uintptr_t)&third % 4096), (int)((uintptr_t)&fourth % 1024), first, second, third);
}
//# file: x.c
_Alignas(64) int first = 1;
_Alignas(512) int second = 2;
_Alignas(4096) int third = 3;
_Alignas(1024) long fourth = 4;
