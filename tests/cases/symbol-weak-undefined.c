//# about: An undefined weak symbol is 0, in every way of asking.
//# compilers: gcc clang
//# flags: -O0 | -O2
//# flags: -fPIC | -fPIE | -fno-pic | -fno-plt -fPIC | -mcmodel=large -fno-pic
//# stdout: 0 0 0 0
#include <stdio.h>
__attribute__((weak)) void function(void);
__attribute__((weak)) extern int data;
void (*pointer)(void) = function;
int *address = &data;
int main(void) {
    if (function) function();
    if (&data) data = 1;
    printf("%d %d %d %d\n", function != 0, &data != 0, pointer != 0, address != 0);
}
