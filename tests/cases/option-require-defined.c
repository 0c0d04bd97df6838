//# about: A symbol that has to be defined, which is so in an archive's member, and one that is nowhere.
//# file: member.c
#include <stdio.h>
int wanted = 1;
__attribute__((constructor)) static void begin(void) { puts("member"); }
//# archive: libm1.a member.o
//# file: main.c
int main(void) { return 0; }
//# link: -Wl,--require-defined=wanted -Wl,--require-defined,puts -Wl,--require-defined=nowhere
//# error: no definition of `nowhere`
//# no-error: wanted
//# no-error: puts
//# oracle-error: nowhere
