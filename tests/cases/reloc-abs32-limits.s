## about: The largest and the smallest values of the 32-bit fields.
## flags: -fno-pic
## link: --abs MOST=0x7fffffff --abs UMOST=0xffffffff --abs LEAST=0xffffffff80000000
## stdout: 0x7fffffff 0xffffffff 0xffffffff80000000 0x7fffffff
## file: main.c
#include <stdio.h>
extern unsigned max, umax;
extern int min;
long signed_max(void);
int main(void) { printf("%#x %#x %#lx %#lx\n", max, umax, (long)min, signed_max()); }
## file: x.s
    .globl max, umax, min, signed_max
    .data
max: .long MOST
umax: .long UMOST
min: .zero 4
    .reloc min, R_X86_64_32S, LEAST
    .text
signed_max:
    mov $MOST, %rax
    ret
    .section .note.GNU-stack,"",@progbits
