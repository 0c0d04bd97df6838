//# about: exit from another thread ends the process with its status.
//# stdout: destructor
//# exit: 5
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
__attribute__((destructor)) static void stop(void) { puts("destructor"); }
static void *leave(void *unused) { (void)unused; exit(5); }
int main(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, leave, NULL);
    for (;;) pause();
}
