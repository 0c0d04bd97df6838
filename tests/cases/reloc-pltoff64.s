## about: R_X86_64_PLTOFF64 of a host function and of one of the set.
## stdout: hello
## stdout: 3
## file: main.c
#include <stdio.h>
int greet(const char *), three(void);
int local(void) { return 3; }
int main(void) {
    greet("hello");
    printf("%d\n", three());
}
## file: x.s
    .text
    .globl greet, three
greet:
    lea _GLOBAL_OFFSET_TABLE_(%rip), %rcx
    movabs $puts@PLTOFF, %rax
    add %rcx, %rax
    jmp *%rax
three:
    lea _GLOBAL_OFFSET_TABLE_(%rip), %rcx
    movabs $local@PLTOFF, %rax
    add %rcx, %rax
    jmp *%rax
    .section .note.GNU-stack,"",@progbits
