//# about: A reference to NAME@ binds to what a library keeps without a version: functions, a variable, one with
//# about: a resolver; or to one that a library before it defines.
//# shared: libx.so x.c -Wl,--version-script=x.map
//# shared: libplain.so plain.c
//# flags: -fPIC | -fno-pic
//# args: main.o ./libplain.so ./libx.so
//# oracle-args: main.o ./libplain.so ./libx.so
//# stdout: 1 2 10 30 100 300 5
#include <stdio.h>
int x(void), z(void), base_x(void), base_z(void), base_w(void), plain(void);
extern int y, base_y;
__asm__(".symver base_x, x@");
__asm__(".symver base_y, y@");
__asm__(".symver base_z, z@");
__asm__(".symver base_w, w@");
int main(void) { printf("%d %d %d %d %d %d %d\n", base_x(), x(), base_y, y, base_z(), z(), base_w() + plain()); }
//# file: plain.c
int w(void) { return 5; }
int plain(void) { return 0; }
//# file: x.map
OLD { };
NEW { global: x; y; z; w; local: *; } OLD;
//# file: x.c
int old_x(void) { return 1; }
int new_x(void) { return 2; }
int old_y = 10, new_y = 30;
static int z_0(void) { return 100; }
static int z_300(void) { return 300; }
static void *resolve_old(void) { return z_0; }
static void *resolve_new(void) { return z_300; }
int old_w(void) { return 6; }
int old_z(void) __attribute__((ifunc("resolve_old")));
int new_z(void) __attribute__((ifunc("resolve_new")));
__asm__(".symver old_x, x@");
__asm__(".symver new_x, x@@NEW");
__asm__(".symver old_y, y@");
__asm__(".symver new_y, y@@NEW");
__asm__(".symver old_w, w@");
__asm__(".symver old_z, z@");
__asm__(".symver new_z, z@@NEW");
