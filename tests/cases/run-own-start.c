//# about: A program with a start of its own begins there, with the arguments, the environment and the auxiliary vector on its
//# about: stack, whether it has a `main` or not.
//# flags: -fPIC | -fno-pic
//# compilers: gcc clang
//# link: -nostartfiles
//# run-args: one two
//# env: SETLINK_TEST=here
//# stdout: 3 one two
//# stdout: here 1 1 1
//# exit: 7
//# file: main.c
#include <elf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
__asm__(".globl _start\n_start: mov %rsp, %rdi\n mov %rdx, %rsi\n mov %rbp, %rdx\n and $-16, %rsp\n call begin\n hlt");
int main(void) { return 1; }
__attribute__((noreturn, used)) void begin(uintptr_t *stack, void *end, uintptr_t frame) {
    int count = (int)*stack;
    char **values = (char **)(stack + 1), **environment = values + count + 1;
    printf("%d %s %s\n", count, values[1], values[2]);
    const char *found = "";
    for (; *environment; environment++)
        if (strncmp(*environment, "SETLINK_TEST=", 13) == 0)
            found = *environment + 13;
    long page = 0;
    for (uintptr_t *pair = (uintptr_t *)(environment + 1); *pair; pair += 2)
        if (*pair == AT_PAGESZ)
            page = (long)pair[1];
    printf("%s %d %d %d\n", found, page == sysconf(_SC_PAGESIZE), frame == 0, ((uintptr_t)stack & 15) == 0);
    fflush(stdout);
    _exit(7);
}
