//# about: A SIGSEGV handler with SA_SIGINFO gets the address, and siglongjmp leaves it.
//# stdout: caught 11 0x10
//# stdout: raised 10
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
static sigjmp_buf back;
static volatile sig_atomic_t seen;
static void *volatile address;
static void on_segv(int number, siginfo_t *info, void *context) {
    (void)context;
    seen = number;
    address = info->si_addr;
    siglongjmp(back, 1);
}
static void on_usr1(int number) { seen = number; }
int main(void) {
    struct sigaction action = {.sa_sigaction = on_segv, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &action, NULL);
    if (!sigsetjmp(back, 1)) *(volatile int *)0x10 = 1;
    printf("caught %d %p\n", seen, address);
    signal(SIGUSR1, on_usr1);
    raise(SIGUSR1);
    printf("raised %d\n", seen);
}
