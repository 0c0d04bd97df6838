//# about: Program and libraries refer to each other's thread-local variables, aligned to pages: more static storage than is there.
//# flags: -fPIE | -fno-pic
//# shared: libx.so x.c
//# shared: liby.so y.c
//# args: -Wl,--no-as-needed {objects} {libs}
//# env: LD_LIBRARY_PATH=
//# stdout: 1 2 3 0
//# stdout: 11 12 13
//# stdout: 1 2 3 0
//# stdout: 11 12 13
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#define PAGE __attribute__((aligned(4096)))
__thread int of_program PAGE = 1;
__thread int other PAGE;
extern __thread int of_x PAGE, of_y PAGE;
void x(void);
int y(void);
static void *use(void *unused) {
    uintptr_t low = (uintptr_t)&of_program | (uintptr_t)&other | (uintptr_t)&of_x | (uintptr_t)&of_y;
    printf("%d %d %d %d\n", of_program, of_x, of_y, (int)(low % 4096));
    x();
    printf("%d %d %d\n", of_program, of_x, y());
    return unused;
}
int main(void) {
    pthread_t id;
    use(0);
    pthread_create(&id, 0, use, 0);
    pthread_join(id, 0);
}
//# file: x.c
#define PAGE __attribute__((aligned(4096)))
__thread int of_x PAGE = 2;
extern __thread int of_program PAGE, of_y PAGE;
void x(void) { of_program += 10, of_x += 10, of_y += 10; }
//# file: y.c
#define PAGE __attribute__((aligned(4096)))
__thread int of_y PAGE = 3;
extern __thread int of_x PAGE;
int y(void) { return of_y + of_x - of_x; }
