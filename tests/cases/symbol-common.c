//# about: Common symbols: the largest size wins, and the strictest alignment.
//# flags: -fcommon
//# stdout: aligned 1
//# stdout: last 9 1
//# stdout: after 0
#include <stdint.h>
#include <stdio.h>
extern char buffer[], after[];
void fill(void);
int main(void) {
    fill();
    printf("aligned %d\n", (uintptr_t)buffer % 64 == 0);
    printf("last %d %d\n", buffer[9999], buffer[10000 - 2]);
    printf("after %d\n", after[0] + after[99]);
}
//# file: small.s
    .comm buffer, 16, 64
    .section .note.GNU-stack,"",@progbits
//# file: large.c
char buffer[10000];
char after[100];
void fill(void) {
    for (int i = 0; i < 10000; i++) buffer[i] = 1;
    buffer[9999] = 9;
}
