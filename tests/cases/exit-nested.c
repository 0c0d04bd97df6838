//# about: exit from deep inside a host function's callback.
//# stdout: handler
//# exit: 6
#include <stdio.h>
#include <stdlib.h>
static void handler(void) { puts("handler"); }
static int leave(const void *a, const void *b) { (void)a; (void)b; exit(6); }
int main(void) {
    int numbers[] = {2, 1};
    atexit(handler);
    qsort(numbers, 2, sizeof *numbers, leave);
    puts("not reached");
}
