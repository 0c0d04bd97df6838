//# about: 3 GiB of .lbss, beyond the reach of 32 bits, beside ordinary code and data.
//# flags: -mcmodel=medium -O1 -fPIC
//# stdout: 5 6 7
#include <stdio.h>
static char huge[3ul << 30];
int small = 5;
int main(void) {
    volatile char *bytes = huge;
    bytes[0] = 6;
    bytes[sizeof huge - 1] = 7;
    printf("%d %d %d\n", small, bytes[0], bytes[sizeof huge - 1]);
}
