//# about: What a version script makes local to a program replaces no library's function, and is no library's to find.
//# shared: libx.so x.c
//# file: program.map
{
    global: kept*;
    local: *;
};
//# file: main.c
//# link: -Wl,--version-script=program.map -rdynamic
//# stdout: library program
//# stdout: 0 1
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
const char *call_hidden(void), *call_kept(void);
const char *hidden(void) { return "program"; }
const char *kept_name(void) { return "program"; }
int main(void) {
    printf("%s %s\n", call_hidden(), call_kept());
    void *program = dlopen(NULL, RTLD_NOW);
    printf("%d %d\n", dlsym(program, "hidden") == (void *)hidden, dlsym(program, "kept_name") == (void *)kept_name);
}
//# file: x.c
const char *hidden(void) { return "library"; }
const char *kept_name(void) { return "library"; }
const char *call_hidden(void) { return hidden(); }
const char *call_kept(void) { return kept_name(); }
