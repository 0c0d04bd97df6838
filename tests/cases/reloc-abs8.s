## about: R_X86_64_8, with nothing around it touched.
## flags: -fno-pic
## link: --abs UMOST=0xff --abs LEAST=0xffffffffffffff80
## stdout: 11 ff 22 80 33
## file: main.c
#include <stdio.h>
extern unsigned char fields[5];
int main(void) { printf("%x %x %x %x %x\n", fields[0], fields[1], fields[2], fields[3], fields[4]); }
## file: x.s
    .data
    .globl fields
fields: .byte 0x11, UMOST, 0x22, LEAST, 0x33
    .section .note.GNU-stack,"",@progbits
