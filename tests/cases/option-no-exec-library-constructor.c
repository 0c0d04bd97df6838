//# about: With --no-exec, nothing runs: no constructors and destructors of shared libraries either.
//# shared: libx.so x.c
//# link: --no-exec
//# skip-oracle: an option of Setlink's
void x(void);
int main(void) { x(); return 3; }
//# file: x.c
#include <stdio.h>
__attribute__((constructor)) static void begin(void) { puts("begin"); }
__attribute__((destructor)) static void end(void) { puts("end"); }
void x(void) { puts("x"); }
