//# about: Without -rdynamic a program's functions have no names for dladdr, though it asks for symbols, too.
//# flags: -fPIC | -fno-pic
//# stdout: found, no name
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
int shown(int value) { return value + 1; }
int main(int count, char **arguments) {
    Dl_info info;
    if (!dlsym(RTLD_DEFAULT, "printf")) return 1;
    int found = dladdr((void *)shown, &info);
    printf("%s, %s\n", found ? "found" : "missing", found && info.dli_sname ? info.dli_sname : "no name");
}
