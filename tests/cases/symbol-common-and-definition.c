//# about: A proper definition beats a common one.
//# flags: -fcommon
//# stdout: 5 5
#include <stdio.h>
int number;
int get(void);
int main(void) { printf("%d %d\n", number, get()); }
//# file: defined.c
int number = 5;
int get(void) { return number; }
