//# about: With -no-pie, code that could lie anywhere lies low, and at the same address in each process.
//# flags: -fPIE | -fPIC
//# link: -no-pie
//# stdout: 4 4 1
#include <stdint.h>
#include <stdio.h>
int variable = 1;
FILE *volatile *output = (FILE *volatile *)&stdout;
int main(void) {
    fprintf(*output, "%lx %lx %d\n", (unsigned long)((uintptr_t)main >> 20),
            (unsigned long)((uintptr_t)&variable >> 20), *output == stdout);
}
