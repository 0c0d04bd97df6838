## about: References into the middle of mergeable strings: by section symbol and addend, and by symbol and addend.
## stdout: second ond first st
## file: main.c
#include <stdio.h>
extern const char *pointers[4];
int main(void) { printf("%s %s %s %s\n", pointers[0], pointers[1], pointers[2], pointers[3]); }
## file: strings.s
    .section .rodata.str1.1,"aMS",@progbits,1
    .globl text
text:
    .asciz "first"
.Lsecond:
    .asciz "second"
    .asciz "first"
    .data
    .globl pointers
pointers:
    .quad .rodata.str1.1 + 6
    .quad .Lsecond + 3
    .quad text
    .quad text + 3
    .section .note.GNU-stack,"",@progbits
## file: more.s
    .section .rodata.str1.1,"aMS",@progbits,1
    .asciz "second"
    .section .note.GNU-stack,"",@progbits
