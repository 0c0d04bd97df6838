//# about: Strict alignment is beyond static storage; position-independent code does without.
//# flags: -fPIC | -fPIC -mtls-dialect=gnu2
//# stdout: 0 7 0
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
__thread struct { _Alignas(4096) int number; } aligned = {7};
static void *use(void *unused) {
    return (uintptr_t)&aligned % 4096 ? "" : unused;
}
int main(void) {
    pthread_t id;
    void *bad = 0;
    pthread_create(&id, 0, use, 0);
    pthread_join(id, &bad);
    printf("%d %d %d\n", (int)((uintptr_t)&aligned % 4096), aligned.number, bad != 0);
}
