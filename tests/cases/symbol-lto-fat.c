//# about: Objects that hold intermediate code besides are linked, also if there is no more in them than a common symbol.
//# flags: -flto -ffat-lto-objects -fcommon
//# oracle-flags: -fno-lto
//# stdout: 0
#include <stdio.h>
extern int number;
int main(void) { printf("%d\n", number); }
//# file: common.c
int number;
//# file: empty.c
typedef int empty;
