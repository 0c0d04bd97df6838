//# about: A host variable is one variable for PIC, non-PIC and libc's own code.
//# flags(a.c): -fno-pic
//# flags(b.c): -fPIC
//# flags(c.c): -fno-pic
//# oracle-flags: -no-pie
//# stdout: 1 1
#include <stdio.h>
int *a(void), *b(void), *c(void);
int main(void) { printf("%d %d\n", a() == b(), a() == c()); }
//# file: a.c
#include <unistd.h>
int *a(void) { return &optind; }
//# file: b.c
#include <unistd.h>
int *b(void) { return &optind; }
//# file: c.c
#include <dlfcn.h>
int *c(void) { return dlsym(RTLD_DEFAULT, "optind"); }
