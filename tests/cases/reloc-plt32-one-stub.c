//# about: However often a host function is called and its address taken, it has at most one stub and one entry.
//# flags: -O1 -fPIC | -O1 -fno-pic | -O1 -fPIC -fno-plt | -O1 -fno-pic -mcmodel=large
//# stdout: a
//# stdout: b
//# stdout: c
//# stdout: d
//# plan: stubs <= 1
//# plan: got_entries <= 1
//# plan: objects == 2
#include <stdio.h>
void more(void);
int main(void) {
    puts("a");
    puts("b");
    more();
}
//# file: more.c
int puts(const char *);
void more(void) {
    int (*volatile pointer)(const char *) = puts;
    pointer("c");
    puts("d");
}
