//# about: A static executable lies low, unless it is to be independent of its position.
//# args: main.o -static
//# stdout: 1
#include <stdio.h>
int variable;
int main(void) { printf("%d\n", (unsigned long)&variable < (1ul << 31)); }
