//# about: A library's constructor opens a plugin and ends the process: neither the plugin is ended, nor a library that has
//# about: nothing but an end.
//# manual: plugin.c
//# shared: libend.so end.c -nostartfiles
//# shared: liba.so a.c
//# sh: $CC -shared -fPIC -o plugin.so plugin.c
//# args: main.o -Wl,--no-as-needed ./libend.so ./liba.so
//# oracle-args: main.o -Wl,--no-as-needed ./libend.so ./liba.so
//# exit: 3
//# stdout-from: oracle
#include <unistd.h>
__attribute__((destructor)) static void end(void) { write(1, "program's end\n", 14); }
int main(void) { return 0; }
//# file: end.c
#include <unistd.h>
__attribute__((destructor)) static void end(void) { write(1, "end of the library\n", 19); }
//# file: a.c
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>
__attribute__((constructor)) static void start(void) {
    write(1, "a\n", 2);
    exit(dlopen("./plugin.so", RTLD_NOW) ? 3 : 4);
}
//# file: plugin.c
#include <unistd.h>
__attribute__((constructor)) static void start(void) { write(1, "plugin\n", 7); }
__attribute__((destructor)) static void end(void) { write(1, "end of the plugin\n", 18); }
