//# about: Objects compiled for a static PIE.
//# compilers: gcc clang
//# flags: -O2 -fPIE -fvisibility=hidden | -O2 -fPIE -fno-semantic-interposition -fno-plt
//# stdout: 3 stdout
#include <stdio.h>
int three(void);
int main(void) {
    printf("%d ", three());
    fputs("stdout\n", stdout);
}
//# file: three.c
int three(void) { return 3; }
