//# about: A common symbol takes in a member that defines it properly.
//# flags: -fcommon
//# archive: libx.a defined.o
//# stdout: 11
#include <stdio.h>
int shared_number;
int main(void) { printf("%d\n", shared_number); }
//# file: defined.c
int shared_number = 11;
