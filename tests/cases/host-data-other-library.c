//# about: Mutable data of another shared library from non-PIC code: both sides see each other's writes.
//# flags: -fPIC | -fno-pic
//# shared: libcounter.so counter.c
//# stdout: 5 6 8 8
#include <stdio.h>
extern int counter;
void add(int);
int get(void);
int main(void) {
    printf("%d ", counter);
    add(1);
    printf("%d ", counter);
    counter += 2;
    printf("%d %d\n", get(), counter);
}
//# file: counter.c
int counter = 5;
void add(int n) { counter += n; }
int get(void) { return counter; }
