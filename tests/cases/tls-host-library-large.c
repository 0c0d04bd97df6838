//# about: Code that is not PIC uses a thread-local variable of a library that has more of them than is left of static storage.
//# flags: -fno-pic | -fPIE | -fPIC | -fPIC -ftls-model=initial-exec
//# shared: liblarge.so large.c
//# stdout: 7 1 9 3
#include <pthread.h>
#include <stdio.h>
extern __thread int variable;
extern __thread char large[];
int *address(void);
static void *run(void *result) {
    variable += 2;
    *(int *)result = variable;
    return NULL;
}
int main(void) {
    pthread_t thread;
    int other = 0;
    pthread_create(&thread, NULL, run, &other);
    pthread_join(thread, NULL);
    printf("%d %d %d %d\n", variable, &variable == address(), other, large[8000]);
}
//# file: large.c
__thread char large[8192] = {[8000] = 3};
__thread int variable = 7;
int *address(void) { return &variable; }
