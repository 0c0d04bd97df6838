//# about: A plugin that the program opens uses thread-local variables of the program, and dlsym finds them.
//# link: -rdynamic
//# flags: -fPIC | -fPIE | -fno-pic
//# manual: plugin.c
//# sh: $CC -shared -fPIC -o plugin.so plugin.c
//# stdout: 7 8 8 1
//# stdout: 7 8 8 1
//# stdout: 9
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
__thread int padding = 3;
__thread int number = 7;
__thread int later __attribute__((weak)) = 9;
static int (*start)(void);
static void *use(void *unused) {
    int seen = start();
    int *found = dlsym(RTLD_DEFAULT, "number");
    printf("%d %d %d %d\n", seen, number, *found, found == &number);
    return unused;
}
int main(void) {
    void *plugin = dlopen("./plugin.so", RTLD_NOW);
    if (!plugin) return puts(dlerror());
    start = (int (*)(void))dlsym(plugin, "start");
    use(0);
    pthread_t id;
    pthread_create(&id, 0, use, 0);
    pthread_join(id, 0);
    printf("%d\n", *((int *(*)(void))dlsym(plugin, "where"))());
    return dlclose(plugin);
}
//# file: plugin.c
extern __thread int number, later;
int start(void) { return number++; }
int *where(void) { return &later; }
