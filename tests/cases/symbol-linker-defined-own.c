//# about: The names without a leading underscore belong to the program if it defines them.
//# stdout: 1 2 3
#include <stdio.h>
int etext = 1, edata = 2, end = 3;
int main(void) { printf("%d %d %d\n", etext, edata, end); }
