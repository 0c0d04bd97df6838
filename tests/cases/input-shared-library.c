//# about: Functions and data of a shared library given by path, used from PIC code.
//# flags: -fPIC | -fPIE
//# shared: libx.so x.c
//# stdout: 6 7 text
#include <stdio.h>
int twice(int);
extern int counter;
extern const char *text;
int main(void) {
    int before = twice(3);
    counter++;
    printf("%d %d %s\n", before, twice(0) + counter, text);
}
//# file: x.c
int counter = 6;
const char *text = "text";
int twice(int x) { return x ? 2 * x : counter - 7; }
