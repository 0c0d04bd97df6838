//# about: Of two shared libraries the first that defines a name is taken, also where it needs the program or a later one.
//# shared: libfirst.so first.c
//# shared: libsecond.so second.c
//# shared: libthird.so third.c
//# args: main.o ./libfirst.so ./libsecond.so ./libthird.so
//# stdout: first 9 second 5
#include <stdio.h>
const char *who(void), *which(void);
int needs_program(void), needs_later(void);
int program(void) { return 9; }
int main(void) { printf("%s %d %s %d\n", who(), needs_program(), which(), needs_later()); }
//# file: first.c
int program(void);
int needs_program(void) { return program(); }
const char *who(void) { return "first"; }
//# file: second.c
int later(void);
int needs_later(void) { return later(); }
const char *who(void) { return "second"; }
const char *which(void) { return "second"; }
//# file: third.c
int later(void) { return 5; }
const char *who(void) { return "third"; }
const char *which(void) { return "third"; }
