## about: R_X86_64_16 of 2^16 does not fit.
## flags: -fno-pic
## link: --abs TOO_LARGE=0x10000
## error: R_X86_64_16
## error: TOO_LARGE
## oracle-error: relocation truncated to fit: R_X86_64_16
## file: main.c
int main(void) { return 0; }
## file: x.s
    .data
    .short TOO_LARGE
    .section .note.GNU-stack,"",@progbits
