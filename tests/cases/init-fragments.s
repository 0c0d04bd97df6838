## about: Fragments in .init and .fini are pieces of one function each, run before and after everything else.
## stdout: init
## stdout: constructor
## stdout: main
## stdout: destructor
## stdout: fini
## file: main.c
#include <stdio.h>
void say_init(void) { puts("init"); }
void say_fini(void) { puts("fini"); }
__attribute__((constructor)) static void start(void) { puts("constructor"); }
__attribute__((destructor)) static void stop(void) { puts("destructor"); }
int main(void) { puts("main"); }
## file: x.s
    .section .init,"ax",@progbits
    call say_init
    .section .fini,"ax",@progbits
    call say_fini
    .section .note.GNU-stack,"",@progbits
