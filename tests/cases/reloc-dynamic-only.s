## about: A relocation that only a dynamic loader may see is refused in an object.
## compilers: clang
## needs: ld.lld
## oracle-flags: -fuse-ld=lld
## error: R_X86_64_COPY
## error: x.o: .data
## file: main.c
int main(void) { return 0; }
## file: x.s
    .data
    .globl field
field: .quad 0
    .reloc field, R_X86_64_COPY, field
    .section .note.GNU-stack,"",@progbits
