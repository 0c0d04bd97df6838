//# about: Weak references to host functions and data: present ones are bound, absent ones are 0.
//# flags: -fPIC | -fno-pic
//# stdout: puts present
//# stdout: 0
#include <stdio.h>
extern int puts(const char *) __attribute__((weak));
extern void surely_not_there(void) __attribute__((weak));
int main(void) {
    if (puts) puts("puts present");
    printf("%d\n", surely_not_there != 0);
}
