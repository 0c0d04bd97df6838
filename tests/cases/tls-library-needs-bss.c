//# about: Only a library refers to the program's thread-local variables, which have no contents; a plugin then finds them, too.
//# flags: -fPIC | -fno-pic -fcommon
//# shared: libx.so x.c -ftls-model=initial-exec
//# manual: plugin.c
//# sh: $CC -shared -fPIC -o plugin.so plugin.c
//# args: -Wl,--no-as-needed {objects} {libs}
//# stdout: 0 1 2
//# stdout: plugin 2 3
#include <dlfcn.h>
#include <stdio.h>
__thread int zero;
__thread char unused_padding[100];
int next(void);
int main(void) {
    int a = next(), b = next(), c = next();
    printf("%d %d %d\n", a, b, c);
    void *plugin = dlopen("./plugin.so", RTLD_NOW);
    if (!plugin) return puts(dlerror());
    int (*get)(void) = (int (*)(void))dlsym(plugin, "get");
    int d = get();
    printf("plugin %d %d\n", d - 1, next());
}
//# file: x.c
extern __thread int zero;
int next(void) { return zero++; }
//# file: plugin.c
extern __thread int zero;
int get(void) { return zero; }
