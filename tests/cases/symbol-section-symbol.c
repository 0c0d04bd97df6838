//# about: References through section symbols with addends.
//# stdout: 20 30 40
#include <stdio.h>
extern int *second, third(void), fourth(void);
int main(void) { printf("%d %d %d\n", *second, third(), fourth()); }
//# file: numbers.s
    .data
    .long 10
.Ltwo: .long 20
.Lthree: .long 30
    .globl second, third, fourth
second: .quad .Ltwo
    .quad .data + 100
    .text
third:
    mov .Lthree(%rip), %eax
    ret
fourth:
    movslq .Ltable+4(%rip), %rax
    lea .Ltable(%rip), %rcx
    mov (%rcx,%rax), %eax
    ret
    .section .rodata
    .quad 0
.Ltable:
    .long 0, .Lfour - .Ltable
    .section .rodata.other,"a"
    .long 1
.Lfour: .long 40
    .section .note.GNU-stack,"",@progbits
