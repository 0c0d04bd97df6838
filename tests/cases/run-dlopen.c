//# about: dlopen and dlsym inside the program: libm, the default scope, the program itself, and errors.
//# link: -rdynamic
//# stdout: cos 1.0
//# stdout: default 1
//# stdout: self 42
//# stdout: absent 1 1
#include <dlfcn.h>
#include <stdio.h>
int own_function(void) { return 42; }
int main(void) {
    void *libm = dlopen("libm.so.6", RTLD_NOW);
    double (*cosine)(double) = (double (*)(double))dlsym(libm, "cos");
    printf("cos %.1f\n", cosine(0.0));
    printf("default %d\n", dlsym(RTLD_DEFAULT, "puts") == (void *)puts);
    int (*own)(void) = (int (*)(void))dlsym(dlopen(NULL, RTLD_NOW), "own_function");
    printf("self %d\n", own ? own() : 0);
    void *absent = dlopen("./absent.so", RTLD_NOW);
    printf("absent %d %d\n", absent == NULL, dlerror() != NULL);
    dlclose(libm);
}
