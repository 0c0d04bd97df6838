//# about: A constant of a library that had to be copied holds addresses: of a variable that was copied, too, and of a function that the program replaces. In both places it holds what it does in a program that was linked to a file.
//# compilers: gcc clang
//# flags: -fno-pic | -fno-pic -O1
//# shared: libholder.so holder.c
//# stdout: 5 5 5 1 1
//# stdout: 4 4 1 1
#include <stdio.h>
struct pair { int *variable; int (*function)(void); };
extern int variable;
extern const struct pair pair, replaced;
int get(void), own(void), is_own(int (*)(void)), call(void);
void put(int);
int replaceable(void) { return 4; }
int main(void) {
    put(5);
    printf("%d %d %d %d %d\n", variable, get(), *pair.variable, pair.variable == &variable, is_own(pair.function));
    printf("%d %d %d %d\n", call(), replaced.function(), replaced.function == replaceable, replaced.variable == &variable);
}
//# file: holder.c
struct pair { int *variable; int (*function)(void); };
int variable = 1;
int own(void) { return 2; }
int replaceable(void) { return 3; }
const struct pair pair = { &variable, own }, replaced = { &variable, replaceable };
int get(void) { return *pair.variable; }
void put(int value) { variable = value; }
int is_own(int (*function)(void)) { return function == own && pair.function == function; }
int call(void) { return replaced.function(); }
