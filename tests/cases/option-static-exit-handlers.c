//# about: Functions that only the C library's archive has, and which use what it hides: that is the process's.
//# flags: -O1 | -O1 -fno-pic
//# args: -static {objects} -lc
//# run-args: quickly
//# stdout: quick
//# exit: 3
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
static void end(void) { puts("end"); }
static void quick(void) {
    puts("quick");
    fflush(stdout);
}
int main(int count, char **arguments) {
    (void)arguments;
    atexit(end);
    at_quick_exit(quick);
    if (count > 1)
        quick_exit(3);
}
