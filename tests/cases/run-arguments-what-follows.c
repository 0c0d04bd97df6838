//# about: What a process has behind its arguments, the environment and the auxiliary vector, is behind a program's, too (Go's
//# about: runtime, as GCC has it, looks there). Constructors and main have one list, and one of them changes it.
//# shared: libfirst.so first.c
//# args: main.o ./libfirst.so
//# env: SETLINK_CASE=given
//# run-args: one two
//# stdout-from: oracle
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>
extern char **environ;
char **first_values(void);
static char **values, **environment;
__attribute__((constructor)) static void start(int argc, char **argv, char **envp) {
    values = argv;
    environment = envp;
    argv[argc - 1] = "changed by the program";
}
int main(int argc, char **argv, char **envp) {
    printf("%d %d\n", values == argv, first_values() == argv);
    for (int i = 1; i < argc; i++) puts(argv[i]);
    char **behind = argv + argc + 1;
    printf("%d %d %d\n", envp == behind, environ == behind, environment == behind);
    int found = 0;
    for (; *behind; behind++) found += !strcmp(*behind, "SETLINK_CASE=given");
    printf("found %d\n", found);
    int right = 0;
    for (unsigned long *pair = (unsigned long *)(behind + 1); pair[0] != AT_NULL; pair += 2) {
        if (pair[0] == AT_PAGESZ) right += pair[1] == (unsigned long)getpagesize();
        if (pair[0] == AT_RANDOM) right += pair[1] == getauxval(AT_RANDOM);
    }
    printf("right %d\n", right);
    setenv("NEW", "x", 1);
    printf("%d %s\n", environ == envp, getenv("NEW"));
    unsetenv("SETLINK_CASE");
    printf("%d\n", getenv("SETLINK_CASE") == NULL);
}
//# file: first.c
static char **values;
__attribute__((constructor)) static void start(int argc, char **argv) {
    values = argv;
    argv[argc - 2] = "changed by a library";
}
char **first_values(void) { return values; }
