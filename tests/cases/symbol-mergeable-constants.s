## about: Mergeable constants with PC-relative references, whose addends are off by the length of the rest.
## stdout: 1.5 2.5 4.0
## file: main.c
#include <stdio.h>
double a(void), b(void);
int main(void) { printf("%.1f %.1f %.1f\n", a(), b(), a() + b()); }
## file: a.s
    .section .rodata.cst8,"aM",@progbits,8
.Ltwo: .double 2.5
.Lone: .double 1.5
    .text
    .globl a
a:  movsd .Lone(%rip), %xmm0
    ret
    .section .note.GNU-stack,"",@progbits
## file: b.s
    .section .rodata.cst8,"aM",@progbits,8
.Lone: .double 1.5
.Ltwo: .double 2.5
    .text
    .globl b
b:  movsd .Ltwo(%rip), %xmm0
    ret
    .section .note.GNU-stack,"",@progbits
