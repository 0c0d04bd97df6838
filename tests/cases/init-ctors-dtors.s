## about: The older .ctors and .dtors: .ctors run backwards, .ctors.N by inverted priority.
## stdout: ctors 65434
## stdout: ctors second
## stdout: ctors first
## stdout: in main
## stdout: dtors first
## stdout: dtors second
## file: main.c
#include <stdio.h>
void first(void) { puts("ctors first"); }
void second(void) { puts("ctors second"); }
void by_priority(void) { puts("ctors 65434"); }
void dtors_first(void) { puts("dtors first"); }
void dtors_second(void) { puts("dtors second"); }
int main(void) { puts("in main"); }
## file: x.s
    .section .ctors,"aw",@progbits
    .quad first
    .quad second
    .section .ctors.65434,"aw",@progbits
    .quad by_priority
    .section .dtors,"aw",@progbits
    .quad dtors_first
    .quad dtors_second
    .section .note.GNU-stack,"",@progbits
