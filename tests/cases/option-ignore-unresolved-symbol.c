//# about: Symbols that may be defined nowhere, one by one, in objects and in shared libraries.
//# file: x.c
void passed_over(void);
int x(int n) {
    if (n > 5) passed_over();
    return n;
}
//# file: main.c
#include <stdio.h>
int x(int);
extern int nowhere;
int *address = &nowhere;
int main(int argc, char **argv) { printf("%d %d\n", x(argc), address != 0); }
//# shared: libx.so x.c -Wl,-z,lazy
//# args: main.o {libs} -Wl,-z,lazy -Wl,--ignore-unresolved-symbol=passed_over,--ignore-unresolved-symbol,nowhere
//# oracle-flags: -no-pie
//# stdout: 1 0
