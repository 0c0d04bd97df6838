//# about: Libraries that a process can only start with: more static thread-local storage than is left, and -z nodlopen.
//# flags: -fPIC | -fno-pic
//# file: large.c
__thread char large[100000] __attribute__((tls_model("initial-exec"))) = {3};
int from_large(void) { return large[0] + large[99999]; }
//# file: once.c
int from_once(void) { return 4; }
//# file: main.c
//# shared: liblarge.so large.c -Wl,-soname,liblarge.so
//# shared: libonce.so once.c -Wl,-soname,libonce.so -Wl,-z,nodlopen
//# stdout: 3 4 (null)
#include <stdio.h>
#include <stdlib.h>
int from_large(void), from_once(void);
int main(void) {
    const char *preload = getenv("LD_PRELOAD");
    printf("%d %d %s\n", from_large(), from_once(), preload ? preload : "(null)");
}
