//# about: A plugin needs a library of the program by the name of a symbolic link, and that has no soname: the plugin ends first.
//# manual: plugin.c
//# shared: libline.so line.c
//# sh: ln -s libline.so libother.so && $CC -shared -fPIC -o plugin.so plugin.c -L. -lother -Wl,-rpath,.
//# args: main.o ./libline.so
//# oracle-args: main.o ./libline.so
//# stdout-from: oracle
#include <dlfcn.h>
#include <stdio.h>
int line(void);
int main(void) {
    if (!dlopen("./plugin.so", RTLD_NOW)) puts(dlerror());
    return line() - 1;
}
//# file: line.c
#include <unistd.h>
static int value = 1;
__attribute__((destructor)) static void end(void) { write(1, "end of the library\n", 19); value = 0; }
int line(void) { return value; }
//# file: plugin.c
#include <unistd.h>
int line(void);
__attribute__((destructor)) static void end(void) { write(1, line() ? "good\n" : "late\n", 5); }
