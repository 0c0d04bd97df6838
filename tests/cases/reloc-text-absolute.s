## about: A jump table of absolute addresses in the text section itself.
## oracle-flags: -no-pie
## stdout: 2
## file: main.c
#include <stdio.h>
int jump(int);
int main(void) { printf("%d\n", jump(1)); }
## file: x.s
    .text
    .globl jump
jump:
    movslq %edi, %rdi
    lea table(%rip), %rax
    jmp *(%rax,%rdi,8)
    .p2align 3
table: .quad 1f, 2f
1:  mov $1, %eax
    ret
2:  mov $2, %eax
    ret
    .section .note.GNU-stack,"",@progbits
