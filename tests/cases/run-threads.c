//# about: pthreads: barrier, mutex, condition, thread-specific data, cancellation.
//# flags: -O1 | -O1 -fno-pic
//# stdout: 40000 4 cancelled 1
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>
static pthread_barrier_t barrier;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_key_t key;
static int counter, destroyed;
static void at_thread_exit(void *value) { __atomic_add_fetch(&destroyed, value != NULL, __ATOMIC_SEQ_CST); }
static void *work(void *argument) {
    pthread_setspecific(key, argument);
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < 10000; i++) {
        pthread_mutex_lock(&mutex);
        counter++;
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}
static void *sleep_forever(void *argument) {
    for (;;) pause();
    return argument;
}
int main(void) {
    pthread_t threads[4], sleeper;
    void *result;
    pthread_barrier_init(&barrier, NULL, 4);
    pthread_key_create(&key, at_thread_exit);
    for (int i = 0; i < 4; i++) pthread_create(&threads[i], NULL, work, &threads[i]);
    for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
    pthread_create(&sleeper, NULL, sleep_forever, NULL);
    pthread_cancel(sleeper);
    pthread_join(sleeper, &result);
    printf("%d %d cancelled %d\n", counter, destroyed, result == PTHREAD_CANCELED);
}
