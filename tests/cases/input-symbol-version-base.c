//# about: A reference without a version binds to NAME@@VERSION, not to what the library keeps as NAME@.
//# shared: libx.so x.c -Wl,--version-script=x.map
//# stdout: 3
#include <stdio.h>
int x(void);
int main(void) { printf("%d\n", x()); }
//# file: x.map
NEW { global: x; local: *; };
//# file: x.c
int old_x(void) { return 0; }
int new_x(void) { return 3; }
__asm__(".symver old_x, x@");
__asm__(".symver new_x, x@@NEW");
