//# about: Strict alignment in code that knows static storage only, up to a page.
//# compilers: gcc clang
//# flags: -fPIE | -fno-pic | -fPIC -ftls-model=initial-exec
//# flags: -DALIGN=128 | -DALIGN=4096
//# stdout: 0 7 0
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
__thread struct { _Alignas(ALIGN) int number; } aligned = {7};
static void *use(void *unused) {
    return (uintptr_t)&aligned % ALIGN ? "" : unused;
}
int main(void) {
    pthread_t id;
    void *bad = 0;
    pthread_create(&id, 0, use, 0);
    pthread_join(id, &bad);
    printf("%d %d %d\n", (int)((uintptr_t)&aligned % ALIGN), aligned.number, bad != 0);
}
