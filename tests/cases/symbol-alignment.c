//# about: Alignment beyond a page.
//# flags: -fPIC | -fno-pic
//# stdout: 0 0 0 0
#include <stdint.h>
#include <stdio.h>
__attribute__((aligned(65536))) int data = 1;
__attribute__((aligned(32768))) int zero;
__attribute__((aligned(8192))) const int constant = 2;
__attribute__((aligned(16384))) void function(void) {}
int main(void) {
    printf("%lu %lu %lu %lu\n", (uintptr_t)&data % 65536, (uintptr_t)&zero % 32768, (uintptr_t)&constant % 8192,
           (uintptr_t)function % 16384);
}
