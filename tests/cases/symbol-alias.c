//# about: Several names of one definition, weak aliases among them.
//# flags: -fPIC | -fno-pic
//# stdout: 5 5 5 1 1 6
#include <stdio.h>
int f(void), g(void), h(void);
extern int number, same_number;
int main(void) {
    number = 6;
    printf("%d %d %d %d %d %d\n", f(), g(), h(), f == g, g == h, same_number);
}
//# file: f.c
int f(void) { return 5; }
int g(void) __attribute__((alias("f")));
int h(void) __attribute__((weak, alias("f")));
int number = 1;
extern int same_number __attribute__((alias("number")));
