## about: .init fragments of several objects in the order of the objects, the stack aligned at each call.
## args: main.o a.o b.o
## stdout: a 0
## stdout: b 0
## file: main.c
#include <stdint.h>
#include <stdio.h>
void say(const char *who) { printf("%s %lu\n", who, (uintptr_t)__builtin_frame_address(0) % 16); }
int main(void) { return 0; }
## file: a.s
    .section .init,"ax",@progbits
    lea text(%rip), %rdi
    call say
    .section .rodata
text: .asciz "a"
    .section .note.GNU-stack,"",@progbits
## file: b.s
    .section .init,"ax",@progbits
    lea text(%rip), %rdi
    call say
    .section .rodata
text: .asciz "b"
    .section .note.GNU-stack,"",@progbits
