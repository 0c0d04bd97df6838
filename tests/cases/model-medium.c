//# about: The medium model: large data in .ldata, .lrodata and .lbss by 64-bit addresses.
//# flags: -mcmodel=medium -O1
//# flags: -fno-pic | -fPIC
//# stdout: 7 8 9 1 2
#include <stdio.h>
int large_data[50000] = {7};
int large_zero[1000000];
const int large_constant[50000] = {1, 2};
int small = 9;
int pick(int);
int main(void) {
    large_zero[999999] = 8;
    printf("%d %d %d %d %d\n", large_data[0], large_zero[999999], small, pick(0), pick(1));
}
//# file: pick.c
extern const int large_constant[50000];
int pick(int index) { return large_constant[index]; }
