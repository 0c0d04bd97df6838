//# about: A member that defines the default version of a symbol (f@@V2) is taken for plain references; what else it
//# about: defines, other versions too, is found then. (Weak references take no members.)
//# archive: libx.a unneeded.o both.o linked.o
//# stdout: 2 1 3 4
#include <stdio.h>
int f(void), g(void);
__attribute__((weak)) int plain(void), old(void);
__asm__(".symver old, f@V1");
int main(void) { printf("%d %d %d %d\n", f(), old(), g(), plain()); }
//# file: both.c
__asm__(".symver f1, f@V1\n.symver f2, f@@V2");
int before(void) { return 0; }
int f1(void) { return 1; }
int f2(void) { return 2; }
int behind(void) { return 0; }
//# file: linked.c
__asm__(".symver g3, g@@@V3");
int g3(void) { return 3; }
int plain(void) { return 4; }
//# file: unneeded.c
void nobody_defines_this(void);
__asm__(".symver h1, h@@V1");
void h1(void) { nobody_defines_this(); }
int unneeded(void) { return 0; }
