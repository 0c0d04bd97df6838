//# about: memcpy@GLIBC_2.2.5 is not today's memcpy.
//# flags: -O0 -fno-builtin
//# link: -ldl
//# stdout: old is old: 1
//# stdout: new is new: 1
//# stdout: they differ: 1
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
void *old_memcpy(void *, const void *, size_t);
__asm__(".symver old_memcpy, memcpy@GLIBC_2.2.5");
int main(void) {
    char buffer[4];
    old_memcpy(buffer, "abc", 4);
    memcpy(buffer, "xyz", 4);
    void *old = dlvsym(RTLD_DEFAULT, "memcpy", "GLIBC_2.2.5");
    void *new = dlvsym(RTLD_DEFAULT, "memcpy", "GLIBC_2.14");
    printf("old is old: %d\n", (void *)old_memcpy == old);
    printf("new is new: %d\n", (void *)memcpy == new);
    printf("they differ: %d\n", old != new);
}
