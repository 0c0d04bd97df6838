//# about: A plugin that is opened later gets the program's definitions in place of a library's, to which nothing referred before.
//# flags: -fPIC | -fno-pic -DDIRECT
//# oracle-flags: -rdynamic
//# manual: library.cc plugin.cc
//# shared: libhooks.so library.cc
//# sh: $CXX -shared -fPIC -o plugin.so plugin.cc -Wl,--no-as-needed libhooks.so -Wl,-rpath,$PWD
//# args: -rdynamic -Wl,--no-as-needed main.o ./libhooks.so -lstdc++ -lm
//# stdout: mine: plugin 2
//# stdout: counter 7, inline 1
//# stdout: dlsym 2
#include <dlfcn.h>
#include <cstdio>
int level = 2;
extern int counter;
void on_error(const char *from, int level) { std::printf("mine: %s %d\n", from, level); }
inline int &shared() {
    static int value;
    return value;
}
int main() {
    counter = 7;
    ++shared();
    void *plugin = dlopen("./plugin.so", RTLD_NOW);
    if (!plugin) return std::puts(dlerror());
    std::printf("dlsym %d\n", *static_cast<int *>(dlsym(RTLD_DEFAULT, "level")));
}
//# file: library.cc
#include <cstdio>
int level = 1, counter = 1;
__attribute__((weak)) void on_error(const char *from, int level) { std::printf("default: %s %d\n", from, level); }
//# file: plugin.cc
#include <cstdio>
extern int level, counter;
void on_error(const char *from, int level);
inline int &shared() {
    static int value;
    return value;
}
struct Plugin {
    Plugin() {
        on_error("plugin", level);
        std::printf("counter %d, inline %d\n", counter, shared());
    }
} plugin;
