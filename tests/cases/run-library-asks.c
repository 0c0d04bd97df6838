//# about: A library asks for names of a program that asks for nothing itself: it finds those that libraries refer to, if only weakly, as does what it opens.
//# flags: -fPIC | -fno-pic
//# manual: asks.c refers.c plugin.c
//# sh: $CC -shared -fPIC -o plugin.so plugin.c
//# shared: libasks.so asks.c
//# shared: librefers.so refers.c
//# args: -Wl,--no-as-needed main.o ./libasks.so ./librefers.so
//# stdout: needed 2, weak 3, variable 5, nobody's no, plugin 2305, refers 10
#include <stdio.h>
int needed(void) { return 2; }
int weak(void) { return 3; }
int nobodys(void) { return 4; }
int variable = 5;
void asks(void);
int refers(void);
int main(void) {
    asks();
    printf("refers %d\n", refers());
}
//# file: asks.c
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
typedef int (*function)(void);
void asks(void) {
    function needed = (function)dlsym(RTLD_DEFAULT, "needed"), weak = (function)dlsym(dlopen(NULL, RTLD_NOW), "weak");
    int *variable = dlsym(RTLD_DEFAULT, "variable");
    printf("needed %d, weak %d, variable %d, nobody's %s, ", needed ? needed() : -1, weak ? weak() : -1,
           variable ? *variable : -1, dlsym(RTLD_DEFAULT, "nobodys") ? "yes" : "no");
    printf("plugin %d, ", ((function)dlsym(dlopen("./plugin.so", RTLD_NOW), "plugin"))());
}
//# file: refers.c
int needed(void);
__attribute__((weak)) int weak(void);
__attribute__((weak)) extern int variable;
int refers(void) { return needed() + (weak ? weak() : 0) + (&variable ? variable : 0); }
//# file: plugin.c
int needed(void);
__attribute__((weak)) int weak(void), nobodys(void);
__attribute__((weak)) extern int variable;
int plugin(void) {
    return needed() * 1000 + (weak ? weak() : 0) * 100 + (nobodys ? 10 : 0) + (&variable ? variable : 0);
}
