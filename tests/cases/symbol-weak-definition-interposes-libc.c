//# about: Even a weak definition of the program beats libc's.
//# flags: -O0 -fno-builtin
//# stdout: mine
#include <stdio.h>
__attribute__((weak)) char *strdup(const char *text) { (void)text; return "mine"; }
int main(void) { puts(strdup("libc's")); }
