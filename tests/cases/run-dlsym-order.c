//# about: Of several libraries that have what the program has, too, dlsym finds the one that the loader would: behind who asks, and of what a handle's needs; not in one opened for itself only.
//# flags: -fPIC -fno-builtin | -fno-pic -fno-builtin
//# manual: one.c three.c asks.c needs.c
//# shared: libone.so one.c
//# shared: libasks.so asks.c
//# shared: libthree.so three.c
//# sh: $CC -shared -fPIC -o needs.so needs.c -Wl,--no-as-needed ./libthree.so ./libone.so
//# sh: $CC -shared -fPIC -o later.so three.c -DVALUE=13
//# sh: $CC -shared -fPIC -o both.so asks.c -Wl,--no-as-needed ./later.so ./libone.so
//# sh: $CC -shared -fPIC -o alone.so asks.c
//# args: -Wl,--no-as-needed main.o ./libone.so ./libasks.so ./libthree.so -lm
//# stdout: next 1, of a library 3, which has it 3, last -1 undefined
//# stdout: j0 100
//# stdout: by handle 1 3, of what needs both 3
//# stdout: opened later: alone -1 undefined, with two 13
//# stdout: of itself only: no undefined, of all: 5
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
int name(void) { return 2; }
double j0(double number) { return number; }
int asked(void);
typedef int (*function)(void);
static int call(void *found) { return found ? ((function)found)() : -1; }
static const char *message(void) {
    const char *text = dlerror();
    return !text ? "no message" : strstr(text, "undefined symbol") ? "undefined" : text;
}
int main(void) {
    void *one = dlopen("./libone.so", RTLD_NOW), *three = dlopen("./libthree.so", RTLD_NOW);
    printf("next %d, ", call(dlsym(RTLD_NEXT, "name")));
    printf("of a library %d, ", asked());
    printf("which has it %d, ", call(dlsym(one, "next_of_one")));
    printf("last %d ", call(dlsym(three, "next_of_three")));
    printf("%s\n", message());
    double (*next_j0)(double) = (double (*)(double))dlsym(RTLD_NEXT, "j0");
    printf("j0 %g\n", next_j0(1));
    printf("by handle %d %d, ", call(dlsym(one, "name")), call(dlsym(three, "name")));
    printf("of what needs both %d\n", call(dlsym(dlopen("./needs.so", RTLD_NOW), "name")));
    printf("opened later: alone %d ", call(dlsym(dlopen("./alone.so", RTLD_NOW), "asked")));
    printf("%s, ", message());
    printf("with two %d\n", call(dlsym(dlopen("./both.so", RTLD_NOW), "asked")));
    void *own = dlopen("./needs.so", RTLD_NOW | RTLD_LOCAL);
    printf("of itself only: %s ", own && dlsym(RTLD_NEXT, "only_needs") ? "yes" : "no");
    printf("%s, ", message());
    dlopen("./needs.so", RTLD_NOW | RTLD_GLOBAL);
    printf("of all: %d\n", call(dlsym(RTLD_NEXT, "only_needs")));
}
//# file: one.c
#define _GNU_SOURCE
#include <dlfcn.h>
int name(void) { return 1; }
double j0(double number) { return 100; }
int next_of_one(void) {
    int (*found)(void) = (int (*)(void))dlsym(RTLD_NEXT, "name");
    return found ? found() : -1;
}
//# file: three.c
#define _GNU_SOURCE
#include <dlfcn.h>
#ifndef VALUE
#define VALUE 3
#endif
int name(void) { return VALUE; }
int next_of_three(void) {
    int (*found)(void) = (int (*)(void))dlsym(RTLD_NEXT, "name");
    return found ? found() : -1;
}
//# file: asks.c
#define _GNU_SOURCE
#include <dlfcn.h>
int asked(void) {
    int (*found)(void) = (int (*)(void))dlsym(RTLD_NEXT, "name");
    return found ? found() : -1;
}
//# file: needs.c
int only_needs(void) { return 5; }
