## about: R_X86_64_GOTPCREL as a data word: an entry that nothing can relax away.
## stdout: 5
## plan: got_entries >= 1
## file: main.c
#include <stdio.h>
int five = 5;
extern int offset;
int main(void) { printf("%d\n", **(int **)((char *)&offset + offset)); }
## file: x.s
    .data
    .globl offset
offset: .long five@GOTPCREL
    .section .note.GNU-stack,"",@progbits
