//# about: Libraries whose functions are called as the C library's, and libm's, call their own, and each other's; so does what is opened later, and dlsym finds them, though the program knows nothing of them.
//# flags: -fPIC -fno-builtin | -fno-pic -fno-builtin
//# manual: like.c calls.c later.c
//# shared: liblike.so like.c -fno-builtin -O0
//# shared: libcalls.so calls.c -fno-builtin -O0
//# shared: later.so later.c -fno-builtin -O0 -lm
//# args: main.o -Wl,--no-as-needed ./libcalls.so ./liblike.so
//# stdout: itself 7, another 7, libm's 100
//# stdout: default 7 100, program 7 100, next 7 100
//# stdout: later 7 100
//# stdout: index 1 1
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
int itself(void), another(void);
double of_libm(void);
// Not the function of that name, and nobody else's.
int index[] = {1};
typedef int (*function)(int);
typedef double (*bessel)(double);
static void ask(const char *what, void *handle) {
    printf("%s %d %g", what, ((function)dlsym(handle, "tolower"))('A'), ((bessel)dlsym(handle, "j0"))(1));
}
int main(void) {
    printf("itself %d, another %d, libm's %g\n", itself(), another(), of_libm());
    ask("default", RTLD_DEFAULT);
    ask(", program", dlopen(NULL, RTLD_NOW));
    ask(", next", RTLD_NEXT);
    void *later = dlopen("./later.so", RTLD_NOW);
    printf("\nlater %d %g\n", ((function)dlsym(later, "letter"))('A'), ((bessel)dlsym(later, "number"))(1));
    printf("index %d %d\n", index[0], dlsym(RTLD_DEFAULT, "index") != (void *)index);
}
//# file: like.c
int tolower(int letter) { return 7; }
double j0(double number) { return 100; }
int itself(void) { return tolower('A'); }
//# file: calls.c
int tolower(int letter);
double j0(double number);
int another(void) { return tolower('A'); }
double of_libm(void) { return j0(1); }
//# file: later.c
int tolower(int letter);
double j0(double number);
int letter(int letter) { return tolower(letter); }
double number(double of) { return j0(of); }
