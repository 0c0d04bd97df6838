//# about: A program with static libraries is no static executable, and lies anywhere.
//# args: main.o -Wl,-static -lm -Wl,-Bdynamic
//# stdout: 0
#include <stdio.h>
int variable;
int main(void) { printf("%d\n", (unsigned long)&variable < (1ul << 31)); }
