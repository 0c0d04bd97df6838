//# about: A library that has no name of its own (no SONAME), and replaces functions of the C library, replaces them for all.
//# flags: -fPIC | -fno-pic
//# file: replaces.c
#include <stddef.h>
#include <string.h>
static char pool[1 << 24];
static size_t used;
int allocations;
void *malloc(size_t size) {
    size_t *block = (size_t *)(pool + used);
    used += (size + 31) & ~(size_t)15;
    allocations++;
    *block = size;
    return block + 2;
}
void *calloc(size_t count, size_t size) { return memset(malloc(count * size), 0, count * size); }
void free(void *block) {
    if (block && ((char *)block < pool || (char *)block >= pool + sizeof pool))
        __builtin_trap();
}
void *realloc(void *old, size_t size) {
    void *block = malloc(size);
    if (old)
        memcpy(block, old, ((size_t *)old)[-2] < size ? ((size_t *)old)[-2] : size);
    return block;
}
int rand(void) { return 42; }
//# file: main.c
//# shared: libreplaces.so replaces.c -fno-builtin
//# stdout: 42 text (null) 1
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
extern int allocations;
int main(void) {
    char *text = strdup("text"), *formatted;
    int before = allocations;
    const char *preload = getenv("LD_PRELOAD");
    if (asprintf(&formatted, "%d %s %s", rand(), text, preload ? preload : "(null)") < 0)
        return 1;
    printf("%s %d\n", formatted, allocations > before);
    free(formatted);
    free(text);
}
