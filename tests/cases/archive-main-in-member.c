//# about: main itself may come out of an archive.
//# archive: libx.a main.o
//# args: other.o {archives}
//# stdout: main 5
#include <stdio.h>
extern int other;
int main(void) { printf("main %d\n", other); }
//# file: other.c
int other = 5;
