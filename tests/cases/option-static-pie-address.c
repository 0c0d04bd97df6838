//# about: A static executable that is independent of its position lies anywhere.
//# flags: -fPIE
//# args: main.o -static-pie
//# skip-oracle: with the -rpath that the runner adds, a static PIE dies when it starts
//# stdout: 0
#include <stdio.h>
int variable;
int main(void) { printf("%d\n", (unsigned long)&variable < (1ul << 31)); }
