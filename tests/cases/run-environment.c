//# about: The environment passes through; main's third argument is environ.
//# env: SETLINK_CASE_A=1
//# env: SETLINK_CASE_B=two=2
//# stdout: 1 two=2 1
#include <stdio.h>
#include <stdlib.h>
extern char **environ;
int main(int argc, char **argv, char **envp) {
    (void)argc;
    (void)argv;
    printf("%s %s %d\n", getenv("SETLINK_CASE_A"), getenv("SETLINK_CASE_B"), envp == environ);
}
