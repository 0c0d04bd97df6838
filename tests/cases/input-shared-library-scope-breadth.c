//# about: Libraries of the line are searched before those that they need, and may need each other's variables without saying so.
//# shared: libdep.so dep.c -Wl,-soname,libdep.so
//# shared: libfirst.so first.c ./libdep.so
//# shared: libsecond.so second.c
//# args: main.o ./libfirst.so ./libsecond.so
//# oracle-flags: -Wl,-rpath-link,.
//# stdout: second 3
#include <stdio.h>
const char *who(void);
int variables(void);
int main(void) { printf("%s %d\n", who(), variables()); }
//# file: dep.c
const char *who(void) { return "dep"; }
int unused;
//# file: first.c
extern int later;
int first_variable = 1;
const char *who(void);
const char *ask(void) { return who(); }
int variables(void) { return later; }
//# file: second.c
extern int first_variable;
int later = 2;
__attribute__((constructor)) static void start(void) { later += first_variable; }
const char *who(void) { return "second"; }
