## about: .gnu.linkonce sections: the first of a name is kept.
## stdout: 1 1
## oracle-flags: -no-pie
## file: main.c
#include <stdio.h>
int which(void), again(void);
int main(void) { printf("%d %d\n", which(), again()); }
## file: a.s
    .section .gnu.linkonce.t.which,"ax",@progbits
    .globl which
    .weak which
which: mov $1, %eax
    ret
    .section .note.GNU-stack,"",@progbits
## file: b.s
    .section .gnu.linkonce.t.which,"ax",@progbits
    .globl which
    .weak which
which: mov $2, %eax
    ret
    .text
    .globl again
again: call which
    ret
    .section .note.GNU-stack,"",@progbits
