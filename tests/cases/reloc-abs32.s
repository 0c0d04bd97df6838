## about: R_X86_64_32 (zero extended) and R_X86_64_32S (sign extended) of low addresses.
## flags: -fno-pic
## stdout: 5 5 5 6
## file: main.c
#include <stdio.h>
int a(void), b(void), c(void), d(void);
int numbers[] = {5, 6};
int main(void) { printf("%d %d %d %d\n", a(), b(), c(), d()); }
## file: x.s
    .text
    .globl a, b, c, d
a:  mov $numbers, %eax
    mov (%rax), %eax
    ret
b:  mov $numbers, %rax
    mov (%rax), %eax
    ret
c:  xor %ecx, %ecx
    mov numbers(%rcx), %eax
    ret
d:  mov pointer(%rip), %eax
    mov (%rax), %eax
    ret
    .section .rodata
pointer: .long numbers + 4
    .section .note.GNU-stack,"",@progbits
