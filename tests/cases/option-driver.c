//# about: The line that a build gives its compiler to link with: the compiler's own options, and options in -Xlinker.
//# args: -g3 -ggdb -O2 -Wall -Wno-unused -std=gnu17 -pedantic -DNAME=1 -D OTHER -UNAME -I. -isystem . -fno-strict-aliasing
//# args: -march=x86-64 -pipe -Wa,--noexecstack -MMD -MF deps -Xlinker -export-dynamic -Xlinker --defsym -Xlinker value=0x2a
//# args: -Wl,-e -Wl,main -static-libgcc -fvisibility=hidden -o ./chosen main.o
//# oracle-args: -Xlinker --defsym -Xlinker value=0x2a main.o
//# stdout: 42
#include <stdio.h>
extern char value[];
int main(void) { printf("%lu\n", (unsigned long)value & 0xff); }
