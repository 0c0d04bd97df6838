//# about: Libraries begin in the order of the loader when it starts a program: what is needed first, and of others the last first. One has no array of initialisers.
//# shared: libneeded.so needed.c
//# shared: liba.so a.c ./libneeded.so
//# shared: libb.so b.c
//# shared: libc1.so c.c -nostartfiles -Wl,-init,begin
//# shared: libd.so d.c ./libneeded.so
//# args: main.o ./liba.so ./libb.so ./libc1.so ./libd.so
//# stdout-from: oracle
#include <stdio.h>
int a(void), b(void), c(void), d(void);
__attribute__((constructor)) static void start(void) { puts("program"); }
__attribute__((section(".preinit_array"), used)) static void (*before)(void);
static void very_early(void) { puts("first"); }
__attribute__((section(".preinit_array"), used)) static void (*before)(void) = very_early;
int main(void) { printf("%d\n", a() + b() + c() + d()); }
//# file: needed.c
#include <stdio.h>
__attribute__((constructor)) static void start(void) { puts("needed"); }
int needed(void) { return 1; }
//# file: a.c
#include <stdio.h>
int needed(void);
__attribute__((constructor)) static void start(void) { puts("a"); }
__attribute__((destructor)) static void end(void) { puts("end of a"); }
int a(void) { return needed(); }
//# file: b.c
#include <stdio.h>
__attribute__((constructor)) static void start(void) { puts("b"); }
__attribute__((destructor)) static void end(void) { puts("end of b"); }
int b(void) { return 1; }
//# file: c.c
#include <stdio.h>
void begin(void) { puts("c"); }
int c(void) { return 1; }
//# file: d.c
#include <stdio.h>
int needed(void);
__attribute__((constructor)) static void start(void) { puts("d"); }
__attribute__((destructor)) static void end(void) { puts("end of d"); }
int d(void) { return needed(); }
