//# about: Every model, into the set's own variables: zero, initialised and relocated ones, here and in another object.
//# compilers: gcc clang
//# flags: -fPIC | -fPIE | -fno-pic
//# flags: -mtls-dialect=gnu | -mtls-dialect=gnu2
//# flags: -O0 | -O2
//# needs: -mtls-dialect=gnu2
//# stdout: 1 2 3 4 5 zero 0 0 0
//# stdout: 11 12 13 14 15 main.c 10 20 30
//# stdout: 1 2 3 4 5 zero 0 0 0
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#define MODEL(m) __attribute__((tls_model(m)))
__thread int gd MODEL("global-dynamic") = 1;
static __thread int ld1 MODEL("local-dynamic") = 2, ld2 MODEL("local-dynamic") = 3;
__thread int ie MODEL("initial-exec") = 4;
extern __thread int other;
extern __thread char *text;
static __thread long zero1, zero2;
extern __thread long zero3;
__thread int *pointer = &(int){0};
static void print(void) {
    printf("%d %d %d %d %d %s %ld %ld %ld\n", gd, ld1, ld2, ie, other, text, zero1, zero2, zero3);
}
static void change(void) {
    gd += 10, ld1 += 10, ld2 += 10, ie += 10, other += 10;
    text = "main.c";
    zero1 = 10, zero2 = 20, zero3 = 30;
}
static void *thread(void *unused) {
    print();
    change();
    *pointer += 1;
    return unused;
}
int main(void) {
    pthread_t id;
    print();
    change();
    print();
    pthread_create(&id, 0, thread, 0);
    pthread_join(id, 0);
    return *pointer != 1 || strcmp(text, "main.c");
}
//# file: other.c
__thread int other = 5;
static char zero[] = "zero";
__thread char *text = zero;
__thread long zero3;
