## about: R_X86_64_32 of 2^32 does not fit; the error names relocation, symbol and place.
## flags: -fno-pic
## link: --abs TOO_LARGE=0x100000000
## error: x.o: .data+0x4
## error: R_X86_64_32
## error: TOO_LARGE
## oracle-error: relocation truncated to fit: R_X86_64_32
## file: main.c
int main(void) { return 0; }
## file: x.s
    .data
    .long 0
    .long TOO_LARGE
    .section .note.GNU-stack,"",@progbits
