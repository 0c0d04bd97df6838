//# about: A plugin that the program opens calls back functions and reads data of the program.
//# link: -rdynamic
//# manual: plugin.c
//# sh: $CC -shared -fPIC -o plugin.so plugin.c
//# stdout: host function 5
//# stdout: host data 7 8
#include <dlfcn.h>
#include <stdio.h>
int program_data = 7;
void program_function(int x) { printf("host function %d\n", x); }
int main(void) {
    void *plugin = dlopen("./plugin.so", RTLD_NOW);
    if (!plugin) return puts(dlerror());
    int (*start)(void) = (int (*)(void))dlsym(plugin, "start");
    int seen = start();
    printf("host data %d %d\n", seen, program_data);
    return dlclose(plugin);
}
//# file: plugin.c
extern int program_data;
void program_function(int);
int start(void) {
    program_function(5);
    return program_data++;
}
