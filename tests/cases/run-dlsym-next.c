//# about: RTLD_NEXT from a program's wrappers finds what they wrap: functions and variables, with and without a version.
//# flags: -fPIC | -fno-pic
//# manual: wrapped.c behind.c
//# shared: libwrapped.so wrapped.c
//# shared: libbehind.so behind.c
//# link: -rdynamic
//# args: -Wl,--no-as-needed main.o ./libwrapped.so ./libbehind.so
//# stdout: malloc yes, calls counted
//# stdout: wrapped 1001
//# stdout: behind 107
//# stdout: getpid yes, variable 7, only here no, missing no
//# stdout: undefined symbol: only_here, undefined symbol: nowhere_at_all, undefined symbol: getpid, version NONE_1.0
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static void *(*real_malloc)(size_t);
static long calls;
void *malloc(size_t size) {
    if (!real_malloc) real_malloc = (void *(*)(size_t))dlsym(RTLD_NEXT, "malloc");
    calls++;
    return real_malloc(size);
}
int wrapped(int number) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "wrapped");
    return real(number) + 1000;
}
int behind(void) {
    int (*real)(void) = (int (*)(void))dlsym(RTLD_NEXT, "behind");
    return real() + 100;
}
int call_behind(void);
pid_t getpid(void) {
    pid_t (*real)(void) = (pid_t (*)(void))dlvsym(RTLD_NEXT, "getpid", "GLIBC_2.2.5");
    return real ? real() : 0;
}
int only_here(void) { return 1; }
static const char *message(void) {
    const char *text = dlerror();
    return text ? strstr(text, "undefined") : "no message";
}
int main(void) {
    void *memory = malloc(10);
    char *copy = strdup("copy");
    printf("malloc %s, calls %s\n", memory && copy ? "yes" : "no", calls > 1 ? "counted" : "lost");
    printf("wrapped %d\n", wrapped(1));
    printf("behind %d\n", call_behind());
    int *variable = dlsym(RTLD_NEXT, "a_variable");
    printf("getpid %s, variable %d, only here %s, missing %s\n", getpid() > 1 ? "yes" : "no", variable ? *variable : 0,
           dlsym(RTLD_NEXT, "only_here") ? "yes" : "no", dlsym(RTLD_NEXT, "nowhere_at_all") ? "yes" : "no");
    dlsym(RTLD_NEXT, "only_here");
    printf("%s, ", message());
    dlsym(RTLD_NEXT, "nowhere_at_all");
    printf("%s, ", message());
    dlvsym(RTLD_NEXT, "getpid", "NONE_1.0");
    printf("%s\n", message());
}
//# file: wrapped.c
int a_variable = 7;
int wrapped(int number) { return number; }
//# file: behind.c
int only_here(void);
int behind(void) { return 6 + only_here(); }
int call_behind(void) { return behind(); }
