//# about: __libc_single_threaded turns to 0 with the first thread, in the program's eyes too.
//# flags: -fPIC | -fPIE | -fno-pic
//# stdout: 0
#include <pthread.h>
#include <stdio.h>
#include <sys/single_threaded.h>
static void *nothing(void *argument) { return argument; }
int main(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, nothing, NULL);
    printf("%d\n", __libc_single_threaded);
    pthread_join(thread, NULL);
}
