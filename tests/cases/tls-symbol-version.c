//# about: A thread-local variable of a library that has it with several versions: the default one, an older one, and one without.
//# shared: libx.so x.c -Wl,--version-script=x.map
//# flags: -fPIC | -fPIE | -fno-pic | -fPIC -mtls-dialect=gnu2
//# stdout: 3 2 1
//# stdout: 3 2 1
//# stdout: 7
//# file: main.c
#include <pthread.h>
#include <stdio.h>
extern _Thread_local int x, older_x, base_x;
int library_x(void);
__asm__(".symver older_x, x@OLD");
__asm__(".symver base_x, x@");
static void *show(void *unused) {
    printf("%d %d %d\n", x, older_x, base_x);
    return unused;
}
int main(void) {
    show(NULL);
    pthread_t thread;
    pthread_create(&thread, NULL, show, NULL);
    pthread_join(thread, NULL);
    x = 7;
    printf("%d\n", library_x());
}
//# file: x.map
OLD { };
NEW { global: x; library_x; local: *; } OLD;
//# file: x.c
_Thread_local int padding = 9, base_x = 1, older_x = 2, new_x = 3;
__asm__(".symver base_x, x@");
__asm__(".symver older_x, x@OLD");
__asm__(".symver new_x, x@@NEW");
int library_x(void) { return new_x; }
