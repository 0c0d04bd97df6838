//# about: A thread-local variable of a shared library.
//# shared: libx.so x.c
//# stdout: 4 4
#include <stdio.h>
extern __thread int library_own;
int get(void);
int main(void) {
    library_own++;
    printf("%d %d\n", library_own, get());
}
//# file: x.c
__thread int library_own = 3;
int get(void) { return library_own; }
