//# about: Absolute symbols are numbers; nothing is added to them.
//# flags: -fno-pic
//# stdout: 0x1234 0x7fffffff 0xabcdef0123456789
#include <stdio.h>
extern char small[], large[];
extern unsigned long huge_value;
int main(void) {
    printf("%#lx %#lx %#lx\n", (unsigned long)small, (unsigned long)large, huge_value);
}
//# file: absolute.s
    .globl small, large, huge, huge_value
    small = 0x1234
    large = 0x7fffffff
    huge = 0xabcdef0123456789
    .data
huge_value: .quad huge
    .section .note.GNU-stack,"",@progbits
