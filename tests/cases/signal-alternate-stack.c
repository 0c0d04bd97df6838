//# about: A stack overflow caught on an alternate signal stack of the program's own.
//# exit: 21
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
static void on_segv(int number) { (void)number; _exit(21); }
static int recurse(volatile int depth) {
    volatile char frame[4096];
    frame[0] = depth;
    return recurse(depth + 1) + frame[0];
}
int main(void) {
    stack_t stack = {.ss_sp = malloc(65536), .ss_size = 65536};
    struct sigaction action = {.sa_handler = on_segv, .sa_flags = SA_ONSTACK};
    sigaltstack(&stack, NULL);
    sigaction(SIGSEGV, &action, NULL);
    return recurse(0);
}
