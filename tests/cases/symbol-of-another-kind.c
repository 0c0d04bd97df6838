//# about: A variable of the program has the name of a function of a library, and a function that of a variable: each uses its own.
//# flags: -fPIC | -fno-pic
//# file: library.c
int shared_name(void) { return 7; }
int other_name = 8;
int call(void) { return shared_name(); }
int look(void) { return other_name; }
//# file: main.c
//# shared: liblibrary.so library.c
//# stdout: 1 7 2 8
#include <stdio.h>
int shared_name = 1;
int other_name(void) { return 2; }
int call(void), look(void);
int main(void) { printf("%d %d %d %d\n", shared_name, call(), other_name(), look()); }
