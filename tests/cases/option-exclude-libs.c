//# about: --exclude-libs hides an archive's definitions: libraries keep their own, and dlsym does not find them.
//# shared: liblibrary.so library.c
//# archive: liba.a a.o
//# archive: libb.a b.o
//# archive: libc1.a c.o
//# args: main.o ./liblibrary.so liba.a libb.a libc1.a -rdynamic --exclude-libs=liba.a:libother --exclude-libs libb
//# oracle-args: main.o ./liblibrary.so liba.a libb.a libc1.a -rdynamic -Wl,--exclude-libs=liba.a:libother -Wl,--exclude-libs,libb
//# stdout: 1 2 3 library library archive
//# stdout: only_a 0 only_b 0 only_c 1
//# file: main.c
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
int only_a(void), only_b(void), only_c(void);
const char *call_a(void), *call_b(void), *call_c(void);
static int has(const char *name) { return dlsym(RTLD_DEFAULT, name) != NULL; }
int main(void) {
    printf("%d %d %d %s %s %s\n", only_a(), only_b(), only_c(), call_a(), call_b(), call_c());
    printf("only_a %d only_b %d only_c %d\n", has("only_a"), has("only_b"), has("only_c"));
}
//# file: a.c
int only_a(void) { return 1; }
const char *in_a(void) { return "archive"; }
//# file: b.c
int only_b(void) { return 2; }
const char *in_b(void) { return "archive"; }
//# file: c.c
int only_c(void) { return 3; }
const char *in_c(void) { return "archive"; }
//# file: library.c
const char *in_a(void) { return "library"; }
const char *in_b(void) { return "library"; }
const char *in_c(void) { return "library"; }
const char *call_a(void) { return in_a(); }
const char *call_b(void) { return in_b(); }
const char *call_c(void) { return in_c(); }
