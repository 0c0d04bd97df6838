//# about: An archive without members is no error.
//# sh: $AR qcs libempty.a
//# link: libempty.a
//# stdout: fine
#include <stdio.h>
int main(void) { puts("fine"); }
