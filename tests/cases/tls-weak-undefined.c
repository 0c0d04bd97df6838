//# about: A weak thread-local variable that nobody defines is no error as long as it is not used.
//# flags: -fPIC | -fPIC -mtls-dialect=gnu2 | -fno-pic
//# stdout: fine
#include <stdio.h>
extern __thread int nobody __attribute__((weak));
int main(int count, char **unused) {
    (void)unused;
    if (count > 1) return nobody;
    puts("fine");
}
