//# about: A program's own malloc serves libc as well: strdup, getline, and free of what they gave.
//# stdout: strdup 1
//# stdout: usable
#include <stdio.h>
#include <string.h>
static _Alignas(16) char pool[1 << 22];
static size_t used;
static int from_pool(const void *p) { return (const char *)p >= pool && (const char *)p < pool + sizeof pool; }
void *malloc(size_t size) {
    char *memory = pool + __atomic_fetch_add(&used, (size + 31) & ~(size_t)15, __ATOMIC_SEQ_CST);
    *(size_t *)memory = size;
    return memory + 16;
}
void free(void *memory) { (void)memory; }
void *calloc(size_t count, size_t size) { return memset(malloc(count * size), 0, count * size); }
void *realloc(void *old, size_t size) {
    void *memory = malloc(size);
    if (old && from_pool(old)) {
        size_t had = ((size_t *)old)[-2];
        memcpy(memory, old, had < size ? had : size);
    }
    return memory;
}
int main(void) {
    char *copy = strdup("text");
    printf("strdup %d\n", from_pool(copy));
    free(copy);
    puts("usable");
}
