//# about: A set of pointers to functions, as kernels and test frameworks keep them, writable.
//# flags: -fPIC | -fno-pic
//# stdout: a b 2
#include <stdio.h>
typedef const char *(*hook)(void);
extern hook __start_hooks[], __stop_hooks[];
static const char *a(void) { return "a"; }
__attribute__((section("hooks"), used)) static hook hook_a = a;
int main(void) {
    for (hook *h = __start_hooks; h < __stop_hooks; h++) {
        printf("%s ", (*h)());
        *h = 0;
    }
    printf("%td\n", __stop_hooks - __start_hooks);
}
//# file: b.c
typedef const char *(*hook)(void);
static const char *b(void) { return "b"; }
__attribute__((section("hooks"), used)) static hook hook_b = b;
