//# about: A library that replaces malloc replaces it for what the program does not call itself, too: operator new of C++.
//# flags: -fPIC | -fno-pic
//# manual: replaces.c
//# sh: $CC -shared -fPIC -fno-builtin -o libreplaces.so replaces.c -Wl,-soname,libreplaces.so
//# args: -Wl,--no-as-needed main.o ./libreplaces.so -lstdc++ -lm -Wl,-rpath,{dir}
//# stdout: counted yes
#include <cstdio>
#include <string>
extern "C" long allocations;
int main() {
    long before = allocations;
    auto *one = new std::string(1000, 'x');
    auto *other = new std::string(*one);
    std::printf("counted %s\n", allocations - before >= 4 ? "yes" : "no");
    delete one;
    delete other;
}
//# file: replaces.c
#include <stddef.h>
#include <string.h>
static char pool[1 << 24];
static size_t used;
long allocations;
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
