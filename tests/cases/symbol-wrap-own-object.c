//# about: --wrap leaves a call within the object that defines the symbol as the compiler bound it.
//# link: --wrap f
//# stdout: 1 11
#include <stdio.h>
int f(void), inside(void);
int __real_f(void);
int __wrap_f(void) { return __real_f() + 10; }
int main(void) { printf("%d %d\n", inside(), f()); }
//# file: f.s
    .text
    .globl f, inside
    .type f, @function
    .type inside, @function
f:  mov $1, %eax
    ret
inside:
    jmp .Lf
    .set .Lf, f
    .section .note.GNU-stack,"",@progbits
