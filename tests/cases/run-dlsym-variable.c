//# about: A variable of the program that is called as a function of the C library, and exported, is what dlsym finds first; by the function's version it finds the function.
//# flags: -fPIC -fno-builtin | -fno-pic -fno-builtin
//# link: -rdynamic
//# stdout: default 1, program 1, next 0 1, version 0 1
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
int index[] = {1};
int main(void) {
    void *next = dlsym(RTLD_NEXT, "index"), *version = dlvsym(RTLD_DEFAULT, "index", "GLIBC_2.2.5");
    printf("default %d, program %d, ", dlsym(RTLD_DEFAULT, "index") == index, dlsym(dlopen(NULL, RTLD_NOW), "index") == index);
    printf("next %d %d, version %d %d\n", next == index, next != NULL, version == index, version != NULL);
}
