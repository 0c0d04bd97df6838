//# about: Objects without .eh_frame.
//# flags: -fno-asynchronous-unwind-tables -fno-unwind-tables
//# stdout: fine
#include <stdio.h>
int main(void) { puts("fine"); }
