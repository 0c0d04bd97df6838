## about: R_X86_64_NONE changes nothing, also at the very end of a section, and needs no definition of a weak symbol.
## stdout: 12345678
## file: main.c
#include <stdio.h>
extern unsigned field;
int main(void) { printf("%x\n", field); }
## file: x.s
    .data
    .globl field
    .weak nothing
field: .long 0x12345678
    .reloc field, R_X86_64_NONE, nothing
    .reloc field + 3, R_X86_64_NONE, field
    .section .note.GNU-stack,"",@progbits
