//# about: preinit_array, then init_array by priority, then without; before main; all with argc, argv, envp.
//# args: main.o b.o
//# run-args: one
//# stdout: preinit 2 one
//# stdout: b 101
//# stdout: main 102 2 one 1
//# stdout: b 103
//# stdout: main
//# stdout: b
//# stdout: in main
#include <stdio.h>
extern char **environ;
static void report(const char *who, int argc, char **argv, char **envp) {
    printf("%s %d %s %d\n", who, argc, argv[1], envp == environ);
}
static void preinit(int argc, char **argv) { printf("preinit %d %s\n", argc, argv[1]); }
__attribute__((section(".preinit_array"), used)) static void (*pointer)(int, char **) = preinit;
__attribute__((constructor(102))) static void c102(int argc, char **argv, char **envp) { report("main 102", argc, argv, envp); }
__attribute__((constructor)) static void c(void) { puts("main"); }
int main(void) { puts("in main"); }
//# file: b.c
#include <stdio.h>
__attribute__((constructor)) static void c(void) { puts("b"); }
__attribute__((constructor(103))) static void c103(void) { puts("b 103"); }
__attribute__((constructor(101))) static void c101(void) { puts("b 101"); }
