//# about: A program with a memory manager of its own, and libraries, ends: nothing is given to its free that is not its own.
//# flags: -fPIC | -fno-pic
//# manual: library.c
//# shared: liblibrary.so library.c
//# stdout: library 1, thread 2
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static char heap[1 << 22];
static size_t used;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
void *malloc(size_t size) {
    size = (size + 31) & ~(size_t)15;
    pthread_mutex_lock(&lock);
    size_t *block = used + size > sizeof heap ? NULL : (size_t *)(heap + used);
    used += block ? size : 0;
    pthread_mutex_unlock(&lock);
    if (!block) return NULL;
    *block = size - 16;
    return block + 2;
}
void free(void *block) {
    if (block && ((char *)block < heap || (char *)block >= heap + sizeof heap)) {
        write(2, "freed what is another's\n", 24);
        _exit(3);
    }
}
void *calloc(size_t count, size_t size) { return malloc(count * size); }
void *realloc(void *old, size_t size) {
    void *block = malloc(size);
    size_t had = old ? ((size_t *)old)[-2] : 0;
    memcpy(block, old ? old : block, had < size ? had : size);
    free(old);
    return block;
}
int library(void);
static void *thread(void *value) { return strdup(value); }
int main(void) {
    pthread_t other;
    void *result;
    pthread_create(&other, NULL, thread, "2");
    pthread_join(other, &result);
    printf("library %d, thread %s\n", library(), (char *)result);
    free(result);
}
//# file: library.c
int library(void) { return 1; }
