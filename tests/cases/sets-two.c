//# about: Two sets on one command line: the second refers to the first's definitions, and the first's constructors run before the second is linked.
//# file: base.c
#include <stdio.h>
int counter = 40;
__attribute__((constructor)) static void begin(void) { puts("base begins"); }
int next(void) { return ++counter; }
//# file: app.c
#include <stdio.h>
extern int counter;
int next(void);
__attribute__((constructor)) static void begin(void) { puts("app begins"); }
int main(void) {
    next();
    next();
    printf("%d\n", counter);
}
//# manual: base.c app.c
//# sh: $CC -fPIC -c base.c app.c
//# args: --set base: base.o --set app: --use base app.o
//# oracle-args: base.o app.o
//# stdout: base begins
//# stdout: app begins
//# stdout: 42
