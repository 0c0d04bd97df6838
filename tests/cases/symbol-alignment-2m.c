//# about: Alignment of 2 MiB.
//# stdout: 0 5
#include <stdint.h>
#include <stdio.h>
__attribute__((aligned(2 << 20))) int data = 5;
int main(void) { printf("%lu %d\n", (uintptr_t)&data % (2 << 20), data); }
