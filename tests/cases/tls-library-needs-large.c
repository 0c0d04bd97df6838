//# about: More static thread-local storage than a process has to spare, of which a library knows by its distance only.
//# shared: libx.so x.c -ftls-model=initial-exec
//# env: LD_LIBRARY_PATH=
//# stdout: 7 4 7
#include <stdio.h>
__thread int number = 7;
__thread char large[100000];
int get(void), *last(void);
int main(void) {
    int a = get();
    large[99999] = 4;
    printf("%d %d %d\n", a, *last(), number);
}
//# file: x.c
extern __thread int number;
extern __thread char large[100000];
static int copy;
int get(void) { return number; }
int *last(void) { copy = large[99999]; return &copy; }
