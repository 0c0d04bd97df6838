//# about: program_invocation_name is argv[0], and err and friends print it.
//# flags: -fPIC | -fno-pic
//# stdout: 1 1
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
int main(int argc, char **argv) {
    (void)argc;
    const char *slash = strrchr(argv[0], '/');
    printf("%d %d\n", !strcmp(program_invocation_name, argv[0]),
           !strcmp(program_invocation_short_name, slash ? slash + 1 : argv[0]));
}
