//# about: What takes a common symbol's place may be the first to need something of libc_nonshared.a.
//# flags: -fcommon
//# archive: libx.a defined.o
//# stdout: 5
//# stdout: bye
#include <stdio.h>
int shared_number;
int main(void) { printf("%d\n", shared_number); }
//# file: defined.c
#include <stdio.h>
#include <stdlib.h>
int shared_number = 5;
static void at_end(void) { puts("bye"); }
__attribute__((constructor)) static void in(void) { atexit(at_end); }
