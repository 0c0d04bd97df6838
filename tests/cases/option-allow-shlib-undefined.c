//# about: Functions that a shared library calls may be missing, until they are called; what the program has it calls.
//# file: x.c
void missing(void);
int of_program(int);
int x(int n) {
    if (n > 5) missing();
    return of_program(n);
}
//# file: main.c
#include <stdio.h>
int x(int);
int of_program(int n) { return n + 40; }
int main(int argc, char **argv) {
    printf("%d\n", x(argc + 1));
    fflush(stdout);
    x(6);
    puts("not reached");
}
//# manual: x.c
//# sh: $CC -shared -fPIC x.c -o libx.so -Wl,-z,lazy
//# args: main.o ./libx.so -Wl,--allow-shlib-undefined -Wl,-z,lazy
//# stdout: 42
//# stderr: undefined symbol: missing
//# exit: 127
