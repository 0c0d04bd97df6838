//# about: Groups whose signatures are local symbols with long names that differ at the end only are different groups.
//# generate: for n in 1 2; do s=$(printf '%05000d' 0 | tr 0 s)$n; printf '.section .text.f,"axG",@progbits,%s,comdat\n%s:\n.globl f%s\nf%s: mov $%s,%%eax\nret\n.section .note.GNU-stack,"",@progbits\n' $s $s $n $n $n > f$n.s; done
//# stdout: 1 2
#include <stdio.h>
int f1(void), f2(void);
int main(void) { printf("%d %d\n", f1(), f2()); }
