//# about: ENTRY of a script among the inputs names where the program starts.
//# file: start.ld
ENTRY(begin)
//# args: main.o start.ld
//# stdout: begun
//# file: main.c
#include <stdio.h>
#include <stdlib.h>
int main(void) { puts("main"); }
__attribute__((force_align_arg_pointer)) void begin(void) {
    puts("begun");
    fflush(stdout);
    _Exit(0);
}
