//# about: --abs gives a symbol an address.
//# flags: -fno-pic | -mcmodel=large -fno-pic
//# link: --abs THERE=0x12345678
//# stdout: 0x12345678
#include <stdio.h>
extern char THERE[];
int main(void) { printf("%#lx\n", (unsigned long)THERE); }
