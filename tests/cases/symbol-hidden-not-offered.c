//# about: Libraries do not see the program's hidden symbols: dlsym finds puts of libc, and the exported one.
//# link: -rdynamic
//# stdout: hidden: no
//# stdout: exported: yes
#include <dlfcn.h>
#include <stdio.h>
__attribute__((visibility("hidden"))) int my_hidden(void) { return 1; }
int my_exported(void) { return 2; }
int main(void) {
    printf("hidden: %s\n", dlsym(RTLD_DEFAULT, "my_hidden") ? "yes" : "no");
    printf("exported: %s\n", dlsym(RTLD_DEFAULT, "my_exported") == (void *)my_exported ? "yes" : "no");
}
