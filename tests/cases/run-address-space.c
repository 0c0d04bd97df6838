//# about: -fno-pic code and data lie in the low 2 GiB, and a function pointer fits 32 bits.
//# flags: -fno-pic
//# stdout: 1 1 1
#include <stdint.h>
#include <stdio.h>
static int data, zero[10];
int main(void) {
    printf("%d %d %d\n", (uintptr_t)main < 1ul << 31, (uintptr_t)&data < 1ul << 31, (uintptr_t)zero < 1ul << 31);
}
