//# about: Functions of the program's own that run first and last.
//# link: -Wl,-init,first -Wl,-fini=last -Wl,--gc-sections
//# flags: -ffunction-sections
//# stdout: first
//# stdout: constructor
//# stdout: main
//# stdout: destructor
//# stdout: last
#include <stdio.h>
void first(void) { puts("first"); }
void last(void) { puts("last"); }
__attribute__((constructor)) static void begin(void) { puts("constructor"); }
__attribute__((destructor)) static void end(void) { puts("destructor"); }
int main(void) { puts("main"); }
