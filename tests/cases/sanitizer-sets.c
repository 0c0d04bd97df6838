//# about: A sanitizer that is asked for with one set is there for all.
//# flags: -fsanitize=address -g -fPIC
//# needs: -fsanitize=address
//# skip-oracle: only setlink has sets
//# args: --set one: one.o --set two: --use one main.o -fsanitize=address
//# stdout: 1
//# stderr: AddressSanitizer: heap-buffer-overflow
//# exit: 1
#include <stdio.h>
#include <stdlib.h>
int value(int *at, int index);
int main(void) {
    int *at = calloc(4, sizeof *at);
    at[3] = 1;
    printf("%d\n", value(at, 3));
    fflush(stdout);
    return value(at, 4);
}
//# file: one.c
int value(int *at, int index) { return at[index]; }
