//# about: Without -rdynamic, dlsym finds of a program what its libraries refer to and what they define, too, and no more.
//# flags: -fPIC | -fno-pic
//# shared: liba.so a.c
//# args: main.o ./liba.so
//# oracle-args: main.o ./liba.so -ldl
//# stdout: own 0 own_data 0 own_local 0
//# stdout: asked 1 asked_weakly 1 both 1 shared_data 1
//# stdout: plugin 0
//# manual: plugin.c
//# sh: $CC -shared -fPIC -o plugin.so plugin.c
//# file: main.c
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
int through_library(void);
int own(void) { return 1; }
int own_data = 2;
_Thread_local int own_local = 3;
int asked(void) { return 4; }
int asked_weakly(void) { return 5; }
int both(void) { return 6; }
int shared_data = 7;
#define SHOW(name) printf(#name " %d ", dlsym(RTLD_DEFAULT, #name) != NULL)
int main(void) {
    SHOW(own);
    SHOW(own_data);
    printf("own_local %d\n", dlsym(RTLD_DEFAULT, "own_local") != NULL);
    SHOW(asked);
    SHOW(asked_weakly);
    SHOW(both);
    printf("shared_data %d\n", dlsym(RTLD_DEFAULT, "shared_data") != NULL);
    printf("plugin %d\n", dlopen("./plugin.so", RTLD_NOW) != NULL);
    return own() + own_data + own_local + through_library() - 22;
}
//# file: a.c
int asked(void);
__attribute__((weak)) int asked_weakly(void);
int both(void) { return 0; }
int shared_data = 1;
int through_library(void) { return asked() + asked_weakly() + shared_data; }
//# file: plugin.c
int own(void);
int run(void) { return own(); }
