//# about: Functions that exist only in libc_nonshared.a.
//# stdout: prepare
//# stdout: child
//# stdout: parent 0
//# stdout: atexit
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
static void prepare(void) { write(1, "prepare\n", 8); }
static void at_end(void) { write(1, "atexit\n", 7); }
static void quick(void) { write(1, "quick\n", 6); }
int main(void) {
    pthread_atfork(prepare, NULL, NULL);
    pid_t child = fork();
    if (child == 0) {
        write(1, "child\n", 6);
        _exit(0);
    }
    int status;
    waitpid(child, &status, 0);
    dprintf(1, "parent %d\n", status);
    atexit(at_end);
    at_quick_exit(quick);
    return 0;
}
