//# about: A library that is first in the process (LD_PRELOAD) ends before the program's, and a plugin in a namespace of its own
//# about: before all.
//# manual: preloaded.c plugin.c
//# shared: libline.so line.c
//# sh: $CC -shared -fPIC -o preloaded.so preloaded.c && $CC -shared -fPIC -o plugin.so plugin.c
//# env: LD_PRELOAD=./preloaded.so
//# stdout-from: oracle
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
int line(void);
int main(void) {
    if (!dlmopen(LM_ID_NEWLM, "./plugin.so", RTLD_NOW)) puts(dlerror());
    return line();
}
//# file: line.c
#include <unistd.h>
__attribute__((destructor)) static void end(void) { write(1, "line\n", 5); }
int line(void) { return 0; }
//# file: preloaded.c
#include <string.h>
#include <unistd.h>
extern char *program_invocation_short_name;
__attribute__((destructor)) static void end(void) { write(1, "preloaded\n", 10); }
//# file: plugin.c
#include <unistd.h>
__attribute__((destructor)) static void end(void) { write(1, "plugin\n", 7); }
