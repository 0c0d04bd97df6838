//# about: A reference without a version binds to NAME@@VERSION, not to what the library keeps as NAME@: functions,
//# about: variables and functions with a resolver.
//# shared: libx.so x.c -Wl,--version-script=x.map
//# flags: -fPIC
//# stdout: 3 30 300
#include <stdio.h>
int x(void), z(void);
extern int y;
int main(void) { printf("%d %d %d\n", x(), y, z()); }
//# file: x.map
NEW { global: x; y; z; local: *; };
//# file: x.c
int old_x(void) { return 0; }
int new_x(void) { return 3; }
int old_y = 0, new_y = 30;
static int z_0(void) { return 0; }
static int z_300(void) { return 300; }
static void *resolve_old(void) { return z_0; }
static void *resolve_new(void) { return z_300; }
int old_z(void) __attribute__((ifunc("resolve_old")));
int new_z(void) __attribute__((ifunc("resolve_new")));
__asm__(".symver old_x, x@");
__asm__(".symver new_x, x@@NEW");
__asm__(".symver old_y, y@");
__asm__(".symver new_y, y@@NEW");
__asm__(".symver old_z, z@");
__asm__(".symver new_z, z@@NEW");
