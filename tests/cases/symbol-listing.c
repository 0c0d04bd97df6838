//# about: `setlink symbols` lists what a set defines and what it needs.
//# stdout: 3
//# symbols: defined_function
//# symbols: defined_data
//# symbols: printf
#include <stdio.h>
int defined_data = 3;
int defined_function(void) { return defined_data; }
int main(void) { printf("%d\n", defined_function()); }
