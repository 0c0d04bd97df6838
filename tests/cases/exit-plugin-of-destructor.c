//# about: Destructor functions open and close plugins while the process ends: none is unmapped, and what was opened too late
//# about: is not ended.
//# flags: | -DBY_LIBRARY
//# manual: plugin.c other.c
//# shared: liba.so a.c
//# shared: libb.so b.c
//# sh: $CC -shared -fPIC -o plugin.so plugin.c ./libb.so
//# sh: $CC -shared -fPIC -o other.so other.c
//# stdout-from: oracle
#include <unistd.h>
int a(void), b(void);
void open_plugin(void), close_plugin(void);
#ifndef BY_LIBRARY
__attribute__((destructor)) static void last(void) { close_plugin(); }
#endif
int main(void) { open_plugin(); return a() + b(); }
//# file: a.c
#include <dlfcn.h>
#include <unistd.h>
static void *plugin;
void open_plugin(void) { plugin = dlopen("./plugin.so", RTLD_NOW); }
void close_plugin(void) {
    if (!plugin) return;
    write(1, "closing\n", 8);
    dlclose(plugin);
    write(1, "closed\n", 7);
    plugin = 0;
    dlopen("./other.so", RTLD_NOW);
}
__attribute__((destructor)) static void last(void) { write(1, "a\n", 2); close_plugin(); }
int a(void) { return 0; }
//# file: b.c
#include <unistd.h>
__attribute__((destructor)) static void end(void) { write(1, "b\n", 2); }
int b(void) { return 0; }
//# file: plugin.c
#include <unistd.h>
int b(void);
__attribute__((destructor)) static void end(void) { write(1, "plugin\n", 7 + b()); }
//# file: other.c
#include <unistd.h>
__attribute__((constructor)) static void start(void) { write(1, "other\n", 6); }
__attribute__((destructor)) static void end(void) { write(1, "end of other\n", 13); }
