//# about: -Ttext-segment is where a program without -pie begins; digits are hexadecimal. The last of -pie and -no-pie counts.
//# flags: -fPIE | -fno-pic
//# link: -pie -no-pie -Wl,-Ttext-segment=20000000
//# stdout: 200 200
#include <stdint.h>
#include <stdio.h>
int variable = 1;
int main(void) {
    printf("%lx %lx\n", (unsigned long)((uintptr_t)main >> 20), (unsigned long)((uintptr_t)&variable >> 20));
}
