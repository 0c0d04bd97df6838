//# about: --dynamic-list-data lets dlsym find a program's variables, also where a library asks for them.
//# shared: libask.so ask.c -ldl
//# args: main.o ./libask.so --dynamic-list-data
//# oracle-args: main.o ./libask.so -Wl,--dynamic-list-data
//# flags: -fno-common | -fcommon
//# stdout: data 1 common 1 constant 1 function 0
//# file: main.c
#include <stdio.h>
int ask(const char *name);
int data = 1, common;
const int constant = 2;
int function(void) { return 3; }
int main(void) {
    printf("data %d common %d constant %d function %d\n", ask("data"), ask("common"), ask("constant"), ask("function"));
    return data + common + constant + function() - 6;
}
//# file: ask.c
#define _GNU_SOURCE
#include <dlfcn.h>
int ask(const char *name) { return dlsym(RTLD_DEFAULT, name) != 0; }
