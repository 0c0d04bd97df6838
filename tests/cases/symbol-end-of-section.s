## about: Labels at the end of a section belong to it, even when another section follows or the section is empty.
## stdout: 8 0 0
## file: main.c
#include <stdio.h>
extern char begin[], end_of_it[], empty_begin[], empty_end[];
long distance(void);
int main(void) { printf("%td %td %ld\n", end_of_it - begin, empty_end - empty_begin, distance()); }
## file: a.s
    .section .data.one,"aw"
    .p2align 5
    .globl begin, end_of_it, empty_begin, empty_end, distance
begin: .quad 1
end_of_it:
    .section .data.empty,"aw"
    .p2align 6
empty_begin:
empty_end:
    .text
distance:
    lea .Lend(%rip), %rax
    lea end_of_it(%rip), %rcx
    sub %rcx, %rax
    ret
    .section .data.one,"aw"
.Lend:
    .section .note.GNU-stack,"",@progbits
## file: b.s
    .section .data.one,"aw"
    .quad 2
    .section .note.GNU-stack,"",@progbits
