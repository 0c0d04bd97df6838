//# about: A static executable that is independent of its position lies anywhere.
//# flags: -fPIE
//# args: main.o -static-pie
//# skip-oracle: the runner names -pie beside -static-pie, which takes the wrong startup files
//# stdout: 0
#include <stdio.h>
int variable;
int main(void) { printf("%d\n", (unsigned long)&variable < (1ul << 31)); }
