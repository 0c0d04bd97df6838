//# about: Endless recursion kills by SIGSEGV, with no message of another runtime in between.
//# signal: SIGSEGV
#include <sys/resource.h>
static int recurse(volatile int depth) {
    volatile char frame[4096];
    frame[0] = depth;
    return recurse(depth + 1) + frame[0];
}
int main(void) {
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    return recurse(0);
}
