//# about: Signals begin with their default action, and none is blocked; SIGPIPE above all.
//# stdout: fine
#include <signal.h>
#include <stdio.h>
int main(void) {
    int bad = 0;
    for (int number = 1; number < 32; number++) {
        struct sigaction action;
        if (number == SIGKILL || number == SIGSTOP) continue;
        // nohup and shells' background jobs ignore these for all that they start.
        if (number == SIGHUP || number == SIGINT || number == SIGQUIT) continue;
        sigaction(number, NULL, &action);
        if (action.sa_handler != SIG_DFL) bad += printf("signal %d is not default\n", number);
    }
    sigset_t blocked;
    sigprocmask(SIG_BLOCK, NULL, &blocked);
    for (int number = 1; number < 32; number++)
        if (sigismember(&blocked, number)) bad += printf("signal %d is blocked\n", number);
    if (!bad) puts("fine");
}
