## about: R_X86_64_GOTPCREL64.
## stdout: 5
## file: main.c
#include <stdio.h>
int five = 5;
extern long offset;
int main(void) { printf("%d\n", **(int **)((char *)&offset + offset)); }
## file: x.s
    .data
    .globl offset
offset: .quad 0
    .reloc offset, R_X86_64_GOTPCREL64, five
    .section .note.GNU-stack,"",@progbits
