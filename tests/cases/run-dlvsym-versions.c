//# about: dlvsym finds exactly the version, in what knows versions, and none of a program's names; dlsym finds no old version.
//# flags: -fPIC -fno-builtin | -fno-pic -fno-builtin
//# oracle-flags: -rdynamic
//# manual: plain.c versions.c
//# shared: libplain.so plain.c -Wl,--no-as-needed
//# shared: libversions.so versions.c -Wl,--version-script=versions.map
//# args: -rdynamic -Wl,--no-as-needed main.o ./libplain.so ./libversions.so
//# stdout: next: no, V1 1, V2 2, V3 -1, old 7, libc's 1
//# stdout: default: no, V1 1, V2 2, V3 -1, old 7, libc's 1
//# stdout: program: no, V1 1, V2 2, V3 -1, old 7, libc's 1
//# stdout: plain: no, V1 -1, V2 -1, V3 -1, old -1, libc's 1
//# stdout: versions: no, V1 1, V2 2, V3 -1, old 7, libc's -1
//# stdout: without one: next 1 2 -1 1, default 2 20 21 42, program 2 20 21 42, plain 1 -1 -1 1, versions -1 2 -1 -1
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <unistd.h>
int plain(void) { return 2; }
int both(void) { return 20; }
int old(void) { return 21; }
pid_t getppid(void) { return 42; }
static int value(void *found) {
    int number = found ? ((int (*)(void))found)() : -1;
    return number > 42 ? 1 : number;
}
int main(void) {
    void *handles[] = {RTLD_NEXT, RTLD_DEFAULT, dlopen(NULL, RTLD_NOW), dlopen("./libplain.so", RTLD_NOW),
                       dlopen("./libversions.so", RTLD_NOW)};
    const char *names[] = {"next", "default", "program", "plain", "versions"};
    for (int i = 0; i < 5; i++)
        printf("%s: %s, V1 %d, V2 %d, V3 %d, old %d, libc's %d\n", names[i], dlvsym(handles[i], "plain", "ANY") ? "yes" : "no",
               value(dlvsym(handles[i], "both", "V1")), value(dlvsym(handles[i], "both", "V2")),
               value(dlvsym(handles[i], "both", "V3")), value(dlvsym(handles[i], "old", "V1")),
               value(dlvsym(handles[i], "getppid", "GLIBC_2.2.5")));
    printf("without one:");
    for (int i = 0; i < 5; i++)
        printf("%s %s %d %d %d %d", i ? "," : "", names[i], value(dlsym(handles[i], "plain")), value(dlsym(handles[i], "both")),
               value(dlsym(handles[i], "old")), value(dlsym(handles[i], "getppid")));
    printf("\n");
}
//# file: plain.c
#include <stdio.h>
int plain(void) { return 1; }
void print(void) { puts("plain"); }
//# file: versions.c
__asm__(".symver first, both@V1");
__asm__(".symver second, both@@V2");
__asm__(".symver third, old@V1");
int first(void) { return 1; }
int second(void) { return 2; }
int third(void) { return 7; }
//# file: versions.map
V1 {};
V2 {};
