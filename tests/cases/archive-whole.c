//# about: --whole-archive takes members that nobody refers to; --no-whole-archive ends it.
//# archive: libx.a registers.o
//# archive: liby.a registers_too.o
//# args: {objects} --whole-archive libx.a --no-whole-archive liby.a
//# stdout: x is in
//# stdout: main
#include <stdio.h>
int main(void) { puts("main"); }
//# file: registers.c
#include <stdio.h>
__attribute__((constructor)) static void in(void) { puts("x is in"); }
//# file: registers_too.c
#include <stdio.h>
__attribute__((constructor)) static void in(void) { puts("y is in"); }
