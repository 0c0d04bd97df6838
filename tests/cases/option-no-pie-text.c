//# about: -Ttext and --section-start=.text say where a program's code lies that has a fixed address.
//# flags: -fno-pic | -fPIC
//# link: -no-pie -Wl,-Ttext=0x7200000 -Wl,--section-start=.mine=0x900000 -Wl,--section-start=.text=7300000
//# stdout: 7300
#include <stdint.h>
#include <stdio.h>
int main(void) { printf("%lx\n", (unsigned long)((uintptr_t)main >> 12)); }
