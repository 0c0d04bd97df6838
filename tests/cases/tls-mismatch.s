## about: A thread-local relocation to an ordinary variable is refused.
## error: refers to `plain`, which is not thread-local
.globl main
main:
    movl %fs:plain@tpoff, %eax
    ret
.section .note.GNU-stack,"",@progbits
## file: plain.c
int plain = 1;
