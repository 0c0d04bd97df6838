//# about: The address of a host function is one, in all objects, in data, and from dlsym.
//# compilers: gcc clang
//# flags: -fPIC | -fPIE | -fno-pic | -fPIC -fno-plt | -fno-pic -mcmodel=large
//# stdout: 1 1 1
#include <stdio.h>
#include <stdlib.h>
typedef int (*function)(const char *);
function from_b(void);
function in_data = puts;
int main(void) {
    function volatile here = puts;
    printf("%d %d %d\n", here == in_data, here == from_b(), here == puts);
}
//# file: b.c
#include <stdio.h>
int (*from_b(void))(const char *) { return puts; }
