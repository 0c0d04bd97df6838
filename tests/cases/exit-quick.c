//# about: quick_exit runs at_quick_exit handlers only, the last one first.
//# stdout: second
//# stdout: first
//# exit: 8
#include <stdlib.h>
#include <unistd.h>
static void first(void) { write(1, "first\n", 6); }
static void second(void) { write(1, "second\n", 7); }
static void never(void) { write(1, "never\n", 6); }
int main(void) {
    at_quick_exit(first);
    at_quick_exit(second);
    atexit(never);
    quick_exit(8);
}
