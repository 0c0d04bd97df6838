//# about: Local symbols of the same name in different objects do not meet.
//# stdout: 1 2 3
#include <stdio.h>
static int number = 1;
static int get(void) { return number; }
int get_b(void), get_c(void);
int main(void) { printf("%d %d %d\n", get(), get_b(), get_c()); }
//# file: b.c
static int number = 2;
static int get(void) { return number; }
int get_b(void) { return get(); }
//# file: c.c
static int number = 3;
static int get(void) { return number; }
int get_c(void) { return get(); }
