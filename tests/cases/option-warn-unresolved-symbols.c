//# about: What is defined nowhere is a warning, in objects and in shared libraries, but for what is passed over.
//# file: x.c
void missing(void);
void passed_over(void);
int x(int n) {
    if (n > 5) missing();
    if (n > 5) passed_over();
    return n;
}
//# file: main.c
#include <stdio.h>
int x(int);
int lacking(int);
int passed_over_too(int);
int main(int argc, char **argv) {
    if (argc > 5) lacking(passed_over_too(1));
    printf("%d\n", x(argc));
}
//# shared: libx.so x.c -Wl,-z,lazy
//# args: main.o {libs} -Wl,--warn-unresolved-symbols -Wl,-z,lazy
//# args: -Wl,--ignore-unresolved-symbol=passed_over,--ignore-unresolved-symbol,passed_over_too
//# skip-oracle: it warns when it links
//# stdout: 1
//# stderr: setlink: warning: main.o: undefined symbol `lacking`
//# stderr: libx.so: undefined symbol `missing`
