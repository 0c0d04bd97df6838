//# about: The lines of backtrace_symbols come from the program's own malloc, by whose free it gives them back.
//# flags: -fPIC | -fno-pic
//# stdout: its own 1, its own 1
#define _GNU_SOURCE
#include <execinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static char heap[1 << 22];
static size_t used;
static int is_own(void *block) { return (char *)block >= heap && (char *)block < heap + used; }
void *malloc(size_t size) {
    size = (size + 31) & ~(size_t)15;
    if (used + size > sizeof heap) return NULL;
    size_t *block = (size_t *)(heap + used);
    used += size;
    *block = size - 16;
    return block + 2;
}
void free(void *block) {
    if (block && !is_own(block)) {
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
int main(void) {
    void *stack[20], *of_library[1] = {(void *)printf};
    char **lines = backtrace_symbols(stack, backtrace(stack, 20));
    printf("its own %d, ", is_own(lines));
    free(lines);
    lines = backtrace_symbols(of_library, 1);
    printf("its own %d\n", is_own(lines));
    free(lines);
}
