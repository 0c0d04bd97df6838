//# about: -u takes in a member that nobody refers to.
//# archive: libx.a registers.o
//# args: -u wanted {objects} {archives}
//# stdout: wanted is in
//# stdout: main
#include <stdio.h>
int main(void) { puts("main"); }
//# file: registers.c
#include <stdio.h>
int wanted;
__attribute__((constructor)) static void in(void) { puts("wanted is in"); }
