## about: .init_array.N runs by number, not by text: 9 before 10 before 100 before none.
## stdout: 9
## stdout: 10
## stdout: 100
## stdout: 65534
## stdout: none
## file: main.c
#include <stdio.h>
void say_9(void) { puts("9"); }
void say_10(void) { puts("10"); }
void say_100(void) { puts("100"); }
void say_65534(void) { puts("65534"); }
void say_none(void) { puts("none"); }
int main(void) { return 0; }
## file: x.s
    .section .init_array,"aw",@init_array
    .quad say_none
    .section .init_array.100,"aw",@init_array
    .quad say_100
    .section .init_array.65534,"aw",@init_array
    .quad say_65534
    .section .init_array.9,"aw",@init_array
    .quad say_9
    .section .init_array.10,"aw",@init_array
    .quad say_10
    .section .note.GNU-stack,"",@progbits
