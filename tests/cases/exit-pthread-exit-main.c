//# about: main ends by pthread_exit: the process lives until its last thread ends, with status 0.
//# stdout: other thread
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>
static void *later(void *unused) {
    (void)unused;
    usleep(50000);
    puts("other thread");
    return NULL;
}
int main(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, later, NULL);
    pthread_exit(NULL);
}
