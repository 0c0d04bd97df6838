//# about: --export-dynamic-symbol names what dlsym finds of a program, by patterns; --gc-sections keeps that.
//# flags: -ffunction-sections
//# link: -Wl,--gc-sections -Wl,--export-dynamic-symbol=kept_* -Wl,--export-dynamic-symbol,one -Wl,--export-dynamic-symbol-list=list
//# stdout: kept_function 1 kept_data 1 kept_hidden 0 one 1 listed 1 own 0
//# file: list
{ listed; };
//# file: main.c
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
int kept_function(void) { return 1; }
int kept_data = 2;
__attribute__((visibility("hidden"))) int kept_hidden(void) { return 3; }
int one(void) { return 4; }
int listed(void) { return 5; }
int own(void) { return 6; }
static int has(const char *name) { return dlsym(RTLD_DEFAULT, name) != NULL; }
int main(void) {
    printf("kept_function %d kept_data %d kept_hidden %d ", has("kept_function"), has("kept_data"), has("kept_hidden"));
    printf("one %d listed %d own %d\n", has("one"), has("listed"), has("own"));
    return own() - 6;
}
