//# about: Data of libm, written by lgamma.
//# flags: -fPIC | -fno-pic
//# link: -lm
//# stdout: -1 1
#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
int main(void) {
    volatile double x = -0.5, y = 3.0;
    lgamma(x);
    int first = signgam;
    lgamma(y);
    printf("%d %d\n", first, signgam);
}
