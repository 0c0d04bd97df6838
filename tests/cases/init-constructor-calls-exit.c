//# about: exit from a constructor: main never runs, handlers do.
//# stdout: constructor
//# stdout: handler
//# exit: 4
#include <stdio.h>
#include <stdlib.h>
static void handler(void) { puts("handler"); }
__attribute__((constructor)) static void start(void) {
    atexit(handler);
    puts("constructor");
    exit(4);
}
int main(void) { puts("main"); }
