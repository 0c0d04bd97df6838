//# about: An archive may come before the object that needs it.
//# archive: libx.a used.o
//# args: {archives} {objects}
//# oracle-args: {objects} {archives}
//# stdout: 7
#include <stdio.h>
int used(void);
int main(void) { printf("%d\n", used()); }
//# file: used.c
int used(void) { return 7; }
