//# about: Only the standard descriptors are open.
//# stdout: 3
#include <fcntl.h>
#include <stdio.h>
int main(void) { printf("%d\n", open("/dev/null", O_RDONLY)); }
