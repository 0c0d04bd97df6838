//# about: What a later set needs of the process's start is found out before the first one runs: its library comes before the
//# about: C library, and its thread-local storage is large.
//# file: a.c
#include <stdio.h>
__attribute__((constructor)) static void begin(void) { puts("a begins"), fflush(stdout); }
int in_a(void) { return 1; }
//# file: replaces.c
int rand(void) { return 42; }
//# file: b.c
#include <stdio.h>
#include <stdlib.h>
int in_a(void);
static __thread char large[65536] = {1};
int main(void) {
    large[65535] = 2;
    printf("%d %d %d\n", in_a(), rand(), large[0] + large[65535]);
}
//# manual: a.c b.c
//# sh: $CC -fPIC -c a.c b.c
//# shared: libreplaces.so replaces.c -Wl,-soname,libreplaces.so
//# args: --set a: a.o --set b: --use a b.o ./libreplaces.so
//# skip-oracle: only setlink has sets
//# stdout: a begins
//# stdout: 1 42 3
