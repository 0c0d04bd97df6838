//# about: The C library's functions of vectors, from a line that names its archives.
//# flags: -O3 -ffast-math -fPIC | -O3 -ffast-math -fno-pic
//# args: -static {objects} -lm -lc
//# stdout: 0.284
#include <math.h>
#include <stdio.h>
double numbers[64], found[64];
int main(int count, char **arguments) {
    (void)arguments;
    for (int i = 0; i < 64; i++)
        numbers[i] = i * count;
    for (int i = 0; i < 64; i++)
        found[i] = cos(numbers[i]);
    printf("%.3f\n", found[5]);
}
