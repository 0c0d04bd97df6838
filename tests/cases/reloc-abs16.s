## about: R_X86_64_16 holds signed and unsigned values.
## flags: -fno-pic
## link: --abs UMOST=0xffff --abs LEAST=0xffffffffffff8000
## stdout: 0xffff 0x8000 0xfffe
## file: main.c
#include <stdio.h>
extern unsigned short fields[3];
int main(void) { printf("%#x %#x %#x\n", fields[0], fields[1], fields[2]); }
## file: x.s
    .data
    .globl fields
fields: .short UMOST, LEAST, UMOST - 1
    .section .note.GNU-stack,"",@progbits
