## about: R_X86_64_64 in data, read-only data and text, with addends.
## stdout: 10 20 30 30
## file: main.c
#include <stdio.h>
extern int *in_data, *in_rodata, *in_text;
extern int *negative;
int main(void) { printf("%d %d %d %d\n", *in_data, *in_rodata, *in_text, *negative); }
## file: x.s
    .data
    .globl numbers, in_data, in_rodata, in_text, negative
numbers: .long 10, 20, 30
numbers_end:
in_data: .quad numbers
negative: .quad numbers_end - 4
    .section .rodata.pointers,"aw"
in_rodata: .quad numbers + 4
    .section .text.pointers,"aw"
in_text: .quad numbers + 8
    .section .note.GNU-stack,"",@progbits
