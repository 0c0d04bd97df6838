//# about: Zeroed data is zero, however large, and takes nothing from the file.
//# flags: -fPIC | -fno-pic
//# stdout: 0 7
#include <stdio.h>
static char large[64 << 20];
int main(void) {
    long sum = 0;
    for (long i = 0; i < (64 << 20); i += 4096) sum += large[i];
    large[sizeof large - 1] = 7;
    printf("%ld %d\n", sum, large[sizeof large - 1]);
}
