//# about: The block is aligned as its strictest variable asks.
//# flags: -fPIC | -fPIC -mtls-dialect=gnu2 | -fPIE | -fno-pic
//# flags: -DALIGN=8 | -DALIGN=64
//# stdout: 0 0 7 0
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
__thread char before = 1;
__thread struct { _Alignas(ALIGN) int number; } aligned = {7};
static __thread _Alignas(ALIGN) char zero;
static void *use(void *unused) {
    if ((uintptr_t)&aligned % ALIGN || (uintptr_t)&zero % ALIGN || aligned.number != 7 || zero) return "";
    return unused;
}
int main(void) {
    pthread_t id;
    void *bad = 0;
    pthread_create(&id, 0, use, 0);
    pthread_join(id, &bad);
    printf("%d %d %d %d\n", (int)((uintptr_t)&aligned % ALIGN), (int)((uintptr_t)&zero % ALIGN), aligned.number, bad != 0);
}
