//# about: A common symbol beats a weak definition.
//# flags: -fcommon
//# args: weak.o main.o
//# stdout: 0
#include <stdio.h>
int number;
int main(void) { printf("%d\n", number); }
//# file: weak.c
__attribute__((weak)) int number = 5;
