//# about: All objects mean the same common symbol.
//# flags: -fcommon
//# stdout: 3
#include <stdio.h>
int number;
void add(void), add2(void);
int main(void) { add(); add2(); printf("%d\n", number); }
//# file: a.c
int number;
void add(void) { number += 1; }
//# file: b.c
int number;
void add2(void) { number += 2; }
