//# about: With -z noexecstack, what says that it needs an executable stack is linked; lazy objects that nobody needs may.
//# args: main.o nested.o -z noexecstack
//# oracle-args: main.o nested.o -Wl,-z,noexecstack
//# stdout: ran
#include <stdio.h>
int main(void) { puts("ran"); }
//# file: nested.c
int call(int (*function)(int));
int nested(int number) {
    int add(int other) { return number + other; }
    return call(add);
}
int call(int (*function)(int)) { return function(1); }
