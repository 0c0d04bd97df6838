//# about: The constructor of a library that a plugin needs ends the process: the plugin, which has not begun, is not ended;
//# about: the libraries of both are.
//# manual: plugin.c needed.c
//# shared: libline.so line.c
//# sh: $CC -shared -fPIC -o libneeded.so needed.c
//# sh: $CC -shared -fPIC -o plugin.so plugin.c -Wl,--no-as-needed ./libline.so ./libneeded.so
//# exit: 3
//# stdout-from: oracle
#include <dlfcn.h>
#include <stdio.h>
int line(void);
int main(void) {
    if (!dlopen("./plugin.so", RTLD_NOW)) puts(dlerror());
    return line();
}
//# file: line.c
#include <unistd.h>
__attribute__((destructor)) static void end(void) { write(1, "end of the line's library\n", 26); }
int line(void) { return 0; }
//# file: needed.c
#include <stdlib.h>
#include <unistd.h>
__attribute__((constructor)) static void start(void) { exit(3); }
__attribute__((destructor)) static void end(void) { write(1, "end of the needed library\n", 26); }
//# file: plugin.c
#include <stdlib.h>
#include <unistd.h>
static int *data;
__attribute__((constructor)) static void start(void) { data = malloc(sizeof *data); }
__attribute__((destructor)) static void end(void) { write(1, "end of the plugin\n", 18); *data = 1; }
