//# about: Variables of a shared library and of the C++ library, in every model, are the library's own.
//# compilers: gcc clang
//# flags: -fPIC | -fPIE | -fno-pic
//# flags: -mtls-dialect=gnu | -mtls-dialect=gnu2
//# needs: -mtls-dialect=gnu2
//# shared: libx.so x.c
//# stdout: 4 4 8 8 1
//# stdout: 3 3 8 8 1
#include <pthread.h>
#include <stdio.h>
extern __thread int first;
extern __thread int second __attribute__((tls_model("initial-exec")));
int get_first(void), get_second(void);
void *address(void);
static void *print(void *unused) {
    second++;
    printf("%d %d %d %d %d\n", first, get_first(), second, get_second() , &first == address());
    return unused;
}
int main(void) {
    pthread_t id;
    first++;
    print(0);
    second = 6;
    pthread_create(&id, 0, print, 0);
    pthread_join(id, 0);
}
//# file: x.c
__thread int first = 3;
__thread int second = 7;
int get_first(void) { return first; }
int get_second(void) { return second; }
void *address(void) { return &first; }
