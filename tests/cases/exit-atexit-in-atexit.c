//# about: A handler may register another one, and may exit again with another status.
//# stdout: outer
//# stdout: inner
//# exit: 11
#include <stdio.h>
#include <stdlib.h>
static void inner(void) { puts("inner"); exit(11); }
static void outer(void) { puts("outer"); atexit(inner); }
int main(void) { atexit(outer); return 1; }
