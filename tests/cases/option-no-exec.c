//# about: --no-exec links but runs nothing.
//# link: --no-exec
//# skip-oracle: nothing runs
//# exit: 0
#include <stdio.h>
__attribute__((constructor)) static void start(void) { puts("must not run"); }
int main(void) { puts("must not run"); return 3; }
