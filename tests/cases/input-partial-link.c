//# about: The output of `ld -r` is an object like any other.
//# needs: ld
//# sh: ld -r -o both.o a.o b.o
//# args: main.o both.o
//# stdout: 3 ab
#include <stdio.h>
int a(void), b(void);
extern const char *text_a, *text_b;
int main(void) { printf("%d %s%s\n", a() + b(), text_a, text_b); }
//# file: a.c
static int value = 1;
const char *text_a = "a";
int a(void) { return value; }
//# file: b.c
static int value = 2;
const char *text_b = "b";
int b(void) { return value; }
