## about: R_X86_64_PLT32: calls, jumps and conditional jumps to the set and to the host, also as a data word.
## stdout: hello
## stdout: 1 2 3 4
## file: main.c
#include <stdio.h>
int call(void), jump(void), branch(int), through_data(void);
int one(void) { return 1; }
int two(void) { return 2; }
int three(void) { return 3; }
int four(void) { return 4; }
void greet(const char *);
int main(void) {
    greet("hello");
    printf("%d %d %d %d\n", call(), jump(), branch(1), through_data());
}
## file: x.s
    .text
    .globl call, jump, branch, through_data, greet
call:
    sub $8, %rsp
    call one@PLT
    add $8, %rsp
    ret
jump: jmp two@PLT
branch:
    test %edi, %edi
    jne three
    xor %eax, %eax
    ret
through_data:
    movslq distance(%rip), %rax
    lea distance(%rip), %rcx
    add %rcx, %rax
    jmp *%rax
greet: jmp puts@PLT
    .section .rodata
distance: .long 0
    .reloc distance, R_X86_64_PLT32, four
    .section .note.GNU-stack,"",@progbits
