//# about: abort kills by SIGABRT and runs no handlers.
//# signal: SIGABRT
#include <stdlib.h>
#include <unistd.h>
static void never(void) { write(1, "never\n", 6); }
int main(void) {
    atexit(never);
    abort();
}
