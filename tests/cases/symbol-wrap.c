//# about: --wrap sends references to __wrap_X, and __real_X to X.
//# link: --wrap compute --wrap malloc
//# stdout: wrapped 105
//# stdout: mallocs 1
#include <stdio.h>
#include <stdlib.h>
int compute(int);
void *__real_malloc(size_t);
int __real_compute(int);
int mallocs;
int __wrap_compute(int x) {
    printf("wrapped ");
    return __real_compute(x) + 100;
}
void *__wrap_malloc(size_t size) {
    mallocs++;
    return __real_malloc(size);
}
int main(void) {
    printf("%d\n", compute(4));
    char *volatile text = malloc(10);
    free(text);
    printf("mallocs %d\n", mallocs);
}
//# file: compute.c
int compute(int x) { return x + 1; }
