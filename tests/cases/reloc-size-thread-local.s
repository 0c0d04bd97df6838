## about: R_X86_64_SIZE32 and SIZE64 of thread-local variables, in code, data and the initial values of others.
## stdout: 40 41 8 40
## file: main.c
#include <stdio.h>
__thread char letters[40] = "abc";
__thread long number;
unsigned size(void);
extern unsigned long more, of_number;
extern __thread unsigned inside;
int main(void) { printf("%u %lu %lu %u\n", size(), more, of_number, inside); }
## file: x.s
    .type letters,@tls_object
    .type number,@tls_object
    .text
    .globl size
    .type size,@function
size:
    movl $letters@SIZE, %eax
    ret
    .data
    .globl more, of_number
more: .quad letters@SIZE + 1
of_number: .quad number@SIZE
    .section .tdata,"awT",@progbits
    .globl inside
    .type inside,@object
    .size inside,4
inside: .long letters@SIZE
    .section .note.GNU-stack,"",@progbits
