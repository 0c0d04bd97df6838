//# about: What a library has itself is found by its handle, and behind it, by the program and by libraries, where the program's stands in for it.
//# flags: -fPIC -fno-builtin | -fno-pic -fno-builtin
//# oracle-flags: -rdynamic
//# manual: first.c second.c
//# sh: $CC -shared -fPIC -o libsecond.so second.c
//# sh: $CC -shared -fPIC -o libfirst.so first.c -Wl,--no-as-needed ./libsecond.so
//# args: -rdynamic -Wl,--no-as-needed main.o ./libfirst.so ./libsecond.so
//# stdout: malloc yes, calls counted
//# stdout: program: handle 1, needed 10, default 2, own handle 2, variable 3 4
//# stdout: libc's strspn 3 3 3, the program's 42
//# stdout: library: handle 1, default 2, next 10 10, last no
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
typedef int (*function)(void);
static void *(*real_malloc)(size_t);
static long calls;
void *malloc(size_t size) {
    static char early[1 << 16];
    static size_t used;
    static int asking;
    if (!real_malloc) {
        if (asking) return early + ((used += (size + 15) & -16) - ((size + 15) & -16));
        asking = 1;
        real_malloc = (void *(*)(size_t))dlsym(dlopen("libc.so.6", RTLD_NOW | RTLD_NOLOAD), "malloc");
    }
    calls++;
    return real_malloc(size);
}
void free(void *memory) { (void)memory; }
size_t strspn(const char *text, const char *set) { return (void)text, (void)set, 42; }
int first(void) { return 2; }
int second(void) { return 20; }
int variable = 4;
void ask(function results[5]);
int main(void) {
    void *memory = malloc(10);
    char *copy = strdup("copy");
    printf("malloc %s, calls %s\n", memory && copy ? "yes" : "no", calls > 1 ? "counted" : "lost");
    void *library = dlopen("./libfirst.so", RTLD_NOW | RTLD_NOLOAD), *program = dlopen(NULL, RTLD_NOW);
    printf("program: handle %d, needed %d, default %d, own handle %d, variable %d %d\n",
           ((function)dlsym(library, "first"))(), ((function)dlsym(library, "second"))(),
           ((function)dlsym(RTLD_DEFAULT, "first"))(), ((function)dlsym(program, "first"))(),
           *(int *)dlsym(library, "variable"), *(int *)dlsym(RTLD_DEFAULT, "variable"));
    void *libc = dlopen("libc.so.6", RTLD_NOW | RTLD_NOLOAD);
    typedef size_t (*span)(const char *, const char *);
    printf("libc's strspn %zu %zu %zu, the program's %zu\n", ((span)dlsym(libc, "strspn"))("aabc", "ab"),
           ((span)dlvsym(libc, "strspn", "GLIBC_2.2.5"))("aabc", "ab"), ((span)dlsym(RTLD_NEXT, "strspn"))("aabc", "ab"),
           ((span)dlsym(RTLD_DEFAULT, "strspn"))("aabc", "ab"));
    function results[5];
    ask(results);
    printf("library: handle %d, default %d, next %d %d, last %s\n", results[0](), results[1](), results[2](), results[3](),
           results[4] ? "yes" : "no");
}
//# file: first.c
#define _GNU_SOURCE
#include <dlfcn.h>
int variable = 3;
int first(void) { return 1; }
int second(void);
int call_second(void) { return second(); }
void ask(int (*results[5])(void)) {
    results[0] = (int (*)(void))dlsym(dlopen("./libfirst.so", RTLD_NOW | RTLD_NOLOAD), "first");
    results[1] = (int (*)(void))dlsym(RTLD_DEFAULT, "first");
    results[2] = (int (*)(void))dlsym(RTLD_NEXT, "second");
    results[3] = (int (*)(void))dlvsym(RTLD_NEXT, "second", "ANY");
    results[4] = (int (*)(void))dlsym(RTLD_NEXT, "first");
}
//# file: second.c
int second(void) { return 10; }
