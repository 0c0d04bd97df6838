//# about: A thread-local variable of another object, in the general dynamic model and by descriptors.
//# flags: -fPIC | -fPIC -mtls-dialect=gnu2 | -fPIE | -fno-pic
//# stdout: 7
#include <stdio.h>
extern __thread int number;
int main(void) { printf("%d\n", ++number); }
//# file: number.c
__thread int number = 6;
