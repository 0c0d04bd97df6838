//# about: A symbol that has to be defined brings an archive's member in.
//# file: member.c
#include <stdio.h>
int wanted = 1;
__attribute__((constructor)) static void begin(void) { puts("member"); }
//# archive: libm1.a member.o
//# file: main.c
int main(void) { return 0; }
//# link: -Wl,--require-defined=wanted
//# stdout: member
