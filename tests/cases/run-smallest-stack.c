//# about: A thread may have the smallest stack, of which the C library takes a part for static thread-local storage.
//# flags: -fPIC | -fno-pic
//# stdout: Success 5
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
__thread int variable = 2;
static void *run(void *number) {
    variable += *(int *)number;
    *(int *)number = variable;
    return NULL;
}
int main(void) {
    pthread_attr_t attributes;
    pthread_t thread;
    int number = 3;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, PTHREAD_STACK_MIN);
    int error = pthread_create(&thread, &attributes, run, &number);
    if (!error) pthread_join(thread, NULL);
    printf("%s %d\n", strerror(error), number);
}
