//# about: Weak __start_X and __stop_X without any section X are 0.
//# stdout: 0 0
#include <stdio.h>
__attribute__((weak)) extern char __start_absent[], __stop_absent[];
int main(void) { printf("%d %d\n", __start_absent != 0, __stop_absent != 0); }
