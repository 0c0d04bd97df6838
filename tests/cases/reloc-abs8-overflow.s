## about: R_X86_64_8 of 256 does not fit.
## flags: -fno-pic
## link: --abs TOO_LARGE=0x100
## error: R_X86_64_8
## error: TOO_LARGE
## oracle-error: relocation truncated to fit: R_X86_64_8
## file: main.c
int main(void) { return 0; }
## file: x.s
    .data
    .byte TOO_LARGE
    .section .note.GNU-stack,"",@progbits
