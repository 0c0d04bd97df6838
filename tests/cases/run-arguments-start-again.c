//# about: A program that needs another process, as a library of its is to be there at the start: what lies behind its arguments
//# about: is what the first process had, none of what Setlink puts into the environment for the second.
//# shared: libfirst.so first.c -Wl,-z,nodlopen
//# args: main.o ./libfirst.so
//# env: SETLINK_CASE=given
//# stdout: 1 1 1 1
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>
extern char **environ;
int first(void);
int main(int argc, char **argv, char **envp) {
    int found = 0, other = 0;
    char **behind = argv + argc + 1;
    int same = envp == behind && environ == behind;
    for (; *behind; behind++) {
        found += !strcmp(*behind, "SETLINK_CASE=given");
        other += !strncmp(*behind, "LD_PRELOAD=", 11) || strstr(*behind, "_BEFORE=");
    }
    unsigned long *pair = (unsigned long *)(behind + 1);
    while (pair[0] != AT_NULL && pair[0] != AT_PAGESZ) pair += 2;
    printf("%d %d %d %d\n", same, found - other, pair[0] == AT_PAGESZ && pair[1] == (unsigned long)getpagesize(), first());
}
//# file: first.c
int first(void) { return 1; }
