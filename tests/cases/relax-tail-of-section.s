## about: A GOT load at the very beginning of a section has no prefix before it to look at.
## stdout: 5
## file: main.c
#include <stdio.h>
int get(void);
int five = 5;
int main(void) { printf("%d\n", get()); }
## file: x.s
    .section .text.first,"ax",@progbits
# mov five@GOTPCREL(%rip), %eax would have two bytes before its field; this word has none.
    .type offset, @object
offset: .long five@GOTPCREL
    .text
    .globl get
get:
    movslq offset(%rip), %rax
    lea offset(%rip), %rcx
    mov (%rax,%rcx), %rax
    mov (%rax), %eax
    ret
    .section .note.GNU-stack,"",@progbits
