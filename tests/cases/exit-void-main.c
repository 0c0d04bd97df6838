//# about: In C99 main without return gives 0, and buffered output is flushed.
//# stdout: no newline at the end needed
#include <stdio.h>
int main(void) { printf("no newline at the end needed\n"); }
