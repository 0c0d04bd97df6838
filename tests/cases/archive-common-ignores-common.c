//# about: A common symbol does not take in a member that only has it as common too.
//# flags: -fcommon
//# archive: libx.a common.o
//# stdout: 0
#include <stdio.h>
int shared_number;
int main(void) { printf("%d\n", shared_number); }
//# file: common.c
#include <stdio.h>
int shared_number;
__attribute__((constructor)) static void in(void) { puts("must not be in"); }
