## about: R_X86_64_32S of 2^31 does not fit.
## flags: -fno-pic
## link: --abs TOO_LARGE=0x80000000
## error: R_X86_64_32S
## error: TOO_LARGE
## oracle-error: relocation truncated to fit: R_X86_64_32S
## file: main.c
int main(void) { return 0; }
## file: x.s
    .text
    mov $TOO_LARGE, %rax
    .section .note.GNU-stack,"",@progbits
