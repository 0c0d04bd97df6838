//# about: -debugger-support is --gdb, and may be said to be off: the program runs as without it
//# flags: -g
//# jitlink: -debugger-support {objects}
//# jitlink: -debugger-support=false {objects}
//# stdout: 7
#include <stdio.h>
int main(void) { return puts("7") < 0; }
