//# about: The program's functions and variables stand in for a library's in its constructors, too.
//# flags: -fPIC | -fPIE | -fno-pic
//# shared: libx.so x.c
//# stdout: program
//# stdout: program
//# stdout: 11 11
#include <stdio.h>
int count = 10;
void tell(void) { puts("program"); }
int counted(void);
int main(void) { printf("%d %d\n", count, counted()); }
//# file: x.c
#include <stdio.h>
int count = 3;
void tell(void) { puts("library"); }
static void (*first[])(void) __attribute__((used, section(".init_array"), aligned(8))) = { tell };
__attribute__((constructor)) static void start(void) { tell(); count++; }
int counted(void) { return count; }
