//# about: long double, __int128 division (libgcc), vectors, complex numbers, atomics.
//# compilers: gcc clang
//# flags: -O0 | -O2 -fno-pic
//# link: -lm
//# stdout: 1.41421356237309505
//# stdout: 12345678901234567 890
//# stdout: 5 7 9 11
//# stdout: -3 4
//# stdout: 15 1
#include <complex.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
typedef int vector __attribute__((vector_size(16)));
int main(void) {
    volatile long double two = 2;
    printf("%.17Lf\n", sqrtl(two));
    volatile unsigned __int128 large = (unsigned __int128)12345678901234567u * 1000000007u + 890;
    volatile unsigned __int128 divisor = 1000000007u;
    printf("%lu %lu\n", (unsigned long)(large / divisor), (unsigned long)(large % divisor));
    volatile vector a = {1, 2, 3, 4}, b = {4, 5, 6, 7};
    vector c = a + b;
    printf("%d %d %d %d\n", c[0], c[1], c[2], c[3]);
    volatile double complex z = 1 + 2 * I;
    double complex square = z * z;
    printf("%.0f %.0f\n", creal(square), cimag(square));
    atomic_int counter = 5;
    atomic_fetch_add(&counter, 10);
    int expected = 15;
    int swapped = atomic_compare_exchange_strong(&counter, &expected, 15);
    printf("%d %d\n", atomic_load(&counter), swapped);
}
