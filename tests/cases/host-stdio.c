//# about: Host data read and written by PIC, PIE and non-PIC code: stdout and stderr.
//# compilers: gcc clang
//# flags: -O0 | -O2
//# flags: -fPIC | -fPIE | -fno-pic | -fPIC -fno-plt | -fno-pic -mcmodel=large
//# stdout: to stdout
//# stdout: from b
//# stderr: to stderr
#include <stdio.h>
void b(void);
FILE *saved;
int main(void) {
    saved = stdout;
    fprintf(stdout, "to stdout\n");
    fputs("to stderr\n", stderr);
    b();
}
//# file: b.c
#include <stdio.h>
extern FILE *saved;
void b(void) { fputs(saved == stdout ? "from b\n" : "another stdout\n", stdout); }
