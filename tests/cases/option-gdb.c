//# about: With --gdb programs run as without it: debuggers learn of them behind their backs. What they cannot use is left out.
//# flags: -g -gz | -g0 | -g -gdwarf-4 | -g3 -ffunction-sections
//# args: --gdb --gc-sections {objects}
//# skip-oracle: a linker that writes a file has no such option
//# stdout: 42
#include <stdio.h>
#include <stdlib.h>
__thread int own = 40;
static void last(void) { printf("%d\n", own); }
int unused(void) { return own; }
int main(void) {
  own += 2;
  atexit(last);
  return 0;
}
