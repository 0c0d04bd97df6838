//# about: __start_X and __stop_X enclose all input sections named X, of all objects.
//# compilers: gcc clang
//# flags: -fPIC | -fPIE | -fno-pic | -fPIC -ffunction-sections -fdata-sections
//# stdout: 3 6
#include <stdio.h>
extern const int __start_numbers[], __stop_numbers[];
__attribute__((section("numbers"), used)) static const int one = 1;
int main(void) {
    int sum = 0;
    for (const int *number = __start_numbers; number < __stop_numbers; number++) sum += *number;
    printf("%td %d\n", __stop_numbers - __start_numbers, sum);
}
//# file: b.c
__attribute__((section("numbers"), used)) static const int two = 2;
//# file: c.c
__attribute__((section("numbers"), used)) static const int three = 3;
