//# about: The dynamic models of the large code model, and calls of __tls_get_addr through the GOT.
//# flags: -fPIC -mcmodel=large | -fPIC -fno-plt | -fPIC -mcmodel=medium
//# stdout: 3 9
#include <stdio.h>
__thread int global = 1;
static __thread int one = 4, two = 4;
int main(void) {
    global += 2;
    one++;
    printf("%d %d\n", global, one + two);
}
