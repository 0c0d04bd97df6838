//# about: --pop-state restores what stood before --push-state: whole archives, and static libraries.
//# archive: libwhole.a whole.o
//# archive: libneed.a need.o
//# args: main.o --push-state --whole-archive libwhole.a --push-state --no-whole-archive libneed.a --pop-state --pop-state libneed.a
//# oracle-args: main.o -Wl,--push-state,--whole-archive libwhole.a -Wl,--push-state,--no-whole-archive libneed.a -Wl,--pop-state,--pop-state libneed.a
//# stdout: whole
//# stdout: main
#include <stdio.h>
int main(void) { puts("main"); }
//# file: whole.c
#include <stdio.h>
__attribute__((constructor)) static void whole(void) { puts("whole"); }
//# file: need.c
#include <stdio.h>
__attribute__((constructor)) static void need(void) { puts("not needed"); }
