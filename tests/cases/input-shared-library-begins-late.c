//# about: A shared library's constructors call functions of the program, and use its variables.
//# flags: -fPIC | -fPIE | -fno-pic | -fPIC -O2 | -fno-pic -O2
//# shared: libx.so x.c
//# run-args: one two
//# stdout: library: program 7, program's, 3 arguments, one
//# stdout: main: 8 2 again
#include <stdio.h>
int level = 7;
const char *name = "program's";
int calls;
const char *say(void) { calls++; return "program"; }
const char *again(void) { return "again"; }
const char *kept(void);
int main(void) { printf("main: %d %d %s\n", level, calls, kept()); }
//# file: x.c
#include <stdio.h>
extern int level, calls;
extern const char *name;
const char *say(void);
const char *again(void);
static const char *(*function)(void);
__attribute__((constructor)) static void start(int count, char **arguments) {
    function = again;
    printf("library: %s %d, %s, %d arguments, %s\n", say(), level++, name, count, arguments[1]);
    calls++;
}
const char *kept(void) { return function(); }
