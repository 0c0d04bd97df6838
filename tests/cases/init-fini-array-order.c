//# about: fini_array runs backwards, after the atexit handlers that main registered.
//# args: main.o b.o
//# stdout: in main
//# stdout: atexit 2
//# stdout: atexit 1
//# stdout: b
//# stdout: main
//# stdout: b 103
//# stdout: main 102
//# stdout: b 101
#include <stdio.h>
#include <stdlib.h>
static void one(void) { puts("atexit 1"); }
static void two(void) { puts("atexit 2"); }
__attribute__((destructor(102))) static void d102(void) { puts("main 102"); }
__attribute__((destructor)) static void d(void) { puts("main"); }
int main(void) {
    atexit(one);
    atexit(two);
    puts("in main");
}
//# file: b.c
#include <stdio.h>
__attribute__((destructor)) static void d(void) { puts("b"); }
__attribute__((destructor(103))) static void d103(void) { puts("b 103"); }
__attribute__((destructor(101))) static void d101(void) { puts("b 101"); }
