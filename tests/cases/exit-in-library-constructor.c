//# about: A library's constructor ends the process: only what was registered runs.
//# shared: libb.so b.c
//# shared: liba.so a.c
//# args: main.o ./libb.so ./liba.so
//# exit: 3
//# stdout-from: oracle
#include <stdio.h>
int a(void), b(void);
__attribute__((destructor)) static void end(void) { puts("program's end"); }
int main(void) { return a() + b(); }
//# file: a.c
#include <stdio.h>
#include <stdlib.h>
static void bye(void) { puts("registered"); }
__attribute__((constructor)) static void start(void) { puts("a"); atexit(bye); exit(3); }
__attribute__((destructor)) static void end(void) { puts("a's end"); }
int a(void) { return 0; }
//# file: b.c
#include <stdio.h>
__attribute__((constructor)) static void start(void) { puts("b"); }
__attribute__((destructor)) static void end(void) { puts("b's end"); }
int b(void) { return 0; }
