//# about: With -rdynamic, --gc-sections keeps what a library that is opened later may ask for, whoever opens it.
//# flags: -ffunction-sections
//# shared: libplugin.so plugin.c
//# shared: libloader.so loader.c -ldl
//# args: main.o ./libloader.so --gc-sections --export-dynamic
//# oracle-args: main.o ./libloader.so -Wl,--gc-sections -rdynamic
//# stdout: 7
#include <stdio.h>
int load(void);
int offered(void) { return 7; }
int main(void) { printf("%d\n", load()); }
//# file: loader.c
#include <dlfcn.h>
int load(void) {
    void *plugin = dlopen("./libplugin.so", RTLD_NOW);
    int (*run)(void) = plugin ? (int (*)(void))dlsym(plugin, "run") : 0;
    return run ? run() : -1;
}
//# file: plugin.c
int offered(void);
int run(void) { return offered(); }
