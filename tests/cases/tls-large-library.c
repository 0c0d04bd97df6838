//# about: A library's constructor runs once, although static storage has to be made larger for the program.
//# flags: -fPIE | -fPIC -ftls-model=initial-exec
//# shared: libx.so x.c
//# stdout: constructor
//# stdout: 1 2
#include <stdio.h>
static __thread char large[65536] = {1};
int two(void);
int main(void) { printf("%d %d\n", large[0], two()); }
//# file: x.c
#include <unistd.h>
static __attribute__((constructor)) void start(void) { write(1, "constructor\n", 12); }
int two(void) { return 2; }
