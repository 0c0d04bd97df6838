//# about: A program's own dlsym is that of its libraries, too, also where it stands in for other functions of theirs.
//# flags: -fPIC | -fno-pic
//# manual: asks.c
//# shared: libasks.so asks.c
//# args: -Wl,--no-as-needed main.o ./libasks.so
//# stdout: program 5, library 5, other 2
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
int other(void) { return 2; }
int asks(void);
void *dlsym(void *handle, const char *name) {
    static int known = 5;
    return !strcmp(name, "known") ? &known : dlvsym(handle, name, "GLIBC_2.2.5");
}
int main(void) {
    int *known = dlsym(RTLD_DEFAULT, "known");
    printf("program %d, library %d, other %d\n", known ? *known : -1, asks(), other());
}
//# file: asks.c
#define _GNU_SOURCE
#include <dlfcn.h>
int other(void) { return 1; }
int asks(void) {
    int *known = dlsym(RTLD_DEFAULT, "known");
    return known ? *known : -1;
}
