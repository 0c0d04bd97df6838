//# about: Of the file behind -R, the set takes the addresses of its symbols, and nothing else.
//# manual: other.c
//# sh: $CC -c other.c && ${LD:-ld} -Ttext=0x12340000 -e function other.o -o other --defsym=number=0x77
//# args: main.o -Wl,-R,other
//# oracle-flags: -no-pie
//# stdout: 0x12340000 0x77 7
//# file: other.c
void function(void) {}

//# file: main.c
#include <stdio.h>
extern char function[], number[];
int own(void) { return 7; }
int main(void) { printf("%p %p %d\n", (void *)function, (void *)number, own()); }
//# flags: -mcmodel=large
