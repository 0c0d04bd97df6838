//# about: A program's own names have the versions that its version script and .symver give them: dlvsym finds these and no other, dlsym the default one, and libraries opened later the one that they refer to.
//# flags: -fPIC -fno-builtin | -fno-pic -fno-builtin
//# manual: refers.c old.c
//# file: program.map
VERSION_1 { global: plain; variable; threads; local: own; };
VERSION_2 { later; pattern*; } VERSION_1;
//# file: version2.map
VERSION_2 { both; };
//# file: version1.map
VERSION_1 { both; };
//# sh: $CC -shared -fPIC -o libold.so old.c -Wl,--version-script=version1.map -Wl,-soname,libold.so
//# sh: $CC -shared -fPIC -o refers1.so refers.c -Wl,--no-as-needed ./libold.so -Wl,-rpath,$PWD
//# sh: $CC -shared -fPIC -o libold.so old.c -Wl,--version-script=version2.map -Wl,-soname,libold.so
//# sh: $CC -shared -fPIC -o refers2.so refers.c -Wl,--no-as-needed ./libold.so -Wl,-rpath,$PWD
//# sh: $CC -shared -fPIC -o libold.so old.c -DALL -Wl,--version-script=all.map -Wl,-soname,libold.so
//# sh: $CC -shared -fPIC -o refers3.so refers.c -DNAME=later -Wl,--no-as-needed ./libold.so -Wl,-rpath,$PWD
//# sh: $CC -shared -fPIC -o refers.so refers.c
//# args: main.o -rdynamic -Wl,--version-script=program.map
//# stdout: plain: 1, 1 -1 -1 -1
//# stdout: later: 2, -1 2 -1 -1
//# stdout: pattern_a: 3, -1 3 -1 -1
//# stdout: own: -1, -1 -1 -1 -1
//# stdout: unlisted: 5, -1 -1 -1 -1
//# stdout: both: 7, 6 7 -1 -1
//# stdout: given: 8, -1 -1 8 -1
//# stdout: by_version: -1, -1 9 -1 -1
//# stdout: second: 7, -1 -1 -1 -1
//# stdout: variable 1 1 0, threads 1 1 0
//# stdout: behind the program: 0 0
//# stdout: refers.so 6, refers1.so 6, refers2.so 7, refers3.so 102
//# file: all.map
VERSION_1 { both; };
VERSION_2 {};
VERSION_3 { later; };
//# file: main.c
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
int variable = 1;
__thread int threads = 2;
int plain(void) { return 1; }
int later(void) { return 2; }
int pattern_a(void) { return 3; }
int own(void) { return 4; }
int unlisted(void) { return 5; }
__asm__(".symver first, both@VERSION_1");
__asm__(".symver second, both@@VERSION_2");
__asm__(".symver third, given@@GIVEN");
__asm__(".symver fourth, by_version@VERSION_2");
int first(void) { return 6; }
int second(void) { return 7; }
int third(void) { return 8; }
int fourth(void) { return 9; }
static int call(void *found) { return found ? ((int (*)(void))found)() : -1; }
static int calls(const char *library) {
    void *handle = dlopen(library, RTLD_NOW);
    if (!handle)
        puts(dlerror());
    return handle ? call(dlsym(handle, "refers")) : -2;
}
int main(void) {
    const char *names[] = {"plain", "later", "pattern_a", "own", "unlisted", "both", "given", "by_version", "second"};
    const char *versions[] = {"VERSION_1", "VERSION_2", "GIVEN", "OTHER"};
    void *program = dlopen(NULL, RTLD_NOW);
    for (int i = 0; i < 9; i++) {
        printf("%s: %d,", names[i], call(dlsym(RTLD_DEFAULT, names[i])));
        for (int j = 0; j < 4; j++) {
            void *found = dlvsym(RTLD_DEFAULT, names[i], versions[j]);
            printf(" %d%s", call(found), found == dlvsym(program, names[i], versions[j]) ? "" : " (otherwise by the handle)");
        }
        printf("\n");
    }
    printf("variable %d %d %d, ", dlsym(program, "variable") == &variable, dlvsym(program, "variable", "VERSION_1") == &variable,
           dlvsym(program, "variable", "VERSION_2") != NULL);
    printf("threads %d %d %d\n", dlsym(program, "threads") == &threads, dlvsym(program, "threads", "VERSION_1") == &threads,
           dlvsym(program, "threads", "VERSION_2") != NULL);
    printf("behind the program: %d %d\n", dlvsym(RTLD_NEXT, "plain", "VERSION_1") != NULL, dlsym(RTLD_NEXT, "both") != NULL);
    printf("refers.so %d, refers1.so %d, refers2.so %d, ", calls("./refers.so"), calls("./refers1.so"), calls("./refers2.so"));
    printf("refers3.so %d\n", calls("./refers3.so"));
}
//# file: refers.c
#ifndef NAME
#define NAME both
#endif
int NAME(void);
int refers(void) { return NAME(); }
//# file: old.c
#ifdef ALL
__asm__(".symver both_2, both@VERSION_2");
int both_2(void) { return 103; }
int later(void) { return 102; }
#endif
int both(void) { return 101; }
