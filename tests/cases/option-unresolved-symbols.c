//# about: With --unresolved-symbols=ignore-all, or a warning in place of an error, undefined symbols are at 0.
//# flags: -fPIC | -fno-pic
//# oracle-flags: -no-pie
//# args: main.o -Wl,--unresolved-symbols=ignore-all
//# stdout: 0 0 0
#include <stdio.h>
int missing(int);
extern int variable;
int (*pointer)(int) = missing;
int *address = &variable;
int main(int argc, char **argv) {
    if (argc > 5) missing(1);
    printf("%d %d %d\n", pointer != 0, address != 0, argc > 5 ? variable : 0);
}
