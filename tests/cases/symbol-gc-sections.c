//# about: --gc-sections: what nobody needs is gone, with its undefined references.
//# compilers: gcc clang
//# flags: -ffunction-sections -fdata-sections | -ffunction-sections -fdata-sections -fno-pic
//# link: --gc-sections
//# stdout: used 3
#include <stdio.h>
int nowhere(int);
extern int not_there;
int unused(void) { return nowhere(not_there); }
int *unused_pointer = &not_there;
int used(void) { return 3; }
int main(void) { printf("used %d\n", used()); }
