## about: Calls and loads of an ifunc through the GOT: never relaxed to the resolver itself.
## stdout: 5 5 1
## file: main.c
#include <stdio.h>
int call(void);
int (*load(void))(void);
int chosen(void);
int main(void) { printf("%d %d %d\n", call(), load()(), load() == chosen); }
## file: x.s
    .text
    .globl call, load, chosen
    .type chosen, @gnu_indirect_function
call: jmp *chosen@GOTPCREL(%rip)
load: mov chosen@GOTPCREL(%rip), %rax
    ret
chosen: lea five(%rip), %rax
    ret
five: mov $5, %eax
    ret
    .section .note.GNU-stack,"",@progbits
