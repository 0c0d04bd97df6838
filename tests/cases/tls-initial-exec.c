//# about: A local variable, in a thread too.
//# flags: -fPIC | -fno-pic
//# stdout: 6 6
#include <pthread.h>
#include <stdio.h>
static __thread int own = 5;
static void *other(void *unused) { (void)unused; return (void *)(long)++own; }
int main(void) {
    pthread_t thread;
    void *seen;
    own++;
    pthread_create(&thread, NULL, other, NULL);
    pthread_join(thread, &seen);
    printf("%d %ld\n", own, (long)seen);
}
