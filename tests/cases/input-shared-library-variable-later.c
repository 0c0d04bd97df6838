//# about: A library that is opened later finds the program's variable where one of the program's libraries has it, too.
//# flags: -fPIC | -fno-pic
//# shared: libx.so x.c
//# sh: $CC -shared -fPIC y.c -o liby.so
//# manual: y.c
//# args: main.o ./libx.so -ldl
//# stdout: 10 11 11
#include <dlfcn.h>
#include <stdio.h>
int count = 10;
int *get(void);
int main(void) {
    void *later = dlopen("./liby.so", RTLD_NOW);
    int *(*y)(void) = (int *(*)(void))dlsym(later, "y");
    printf("%d ", *get());
    ++*y();
    printf("%d %d\n", *get(), count);
}
//# file: x.c
int count = 3;
int *get(void) { return &count; }
//# file: y.c
extern int count;
int *y(void) { return &count; }
