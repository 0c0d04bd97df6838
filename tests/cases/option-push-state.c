//# about: --pop-state restores what stood before --push-state: whole archives, and static libraries.
//# archive: libwhole.a whole.o
//# archive: libneed.a need.o
//# archive: libagain.a again.o
//# shared: libboth.so shared.c
//# sh: $CC -c static.c && $AR qcs libboth.a static.o
//# manual: static.c
//# args: main.o -L{dir} --push-state --whole-archive libwhole.a --push-state --no-whole-archive -Bstatic libneed.a
//# args: --pop-state libagain.a --pop-state libneed.a -lboth
//# oracle-args: main.o -L{dir} -Wl,--push-state,--whole-archive libwhole.a -Wl,--push-state,--no-whole-archive,-Bstatic libneed.a
//# oracle-args: -Wl,--pop-state libagain.a -Wl,--pop-state libneed.a -lboth
//# stdout-from: oracle
#include <stdio.h>
const char *both(void);
int main(void) { puts(both()); }
//# file: whole.c
#include <stdio.h>
__attribute__((constructor)) static void whole(void) { puts("whole"); }
//# file: again.c
#include <stdio.h>
__attribute__((constructor)) static void again(void) { puts("again"); }
//# file: need.c
#include <stdio.h>
__attribute__((constructor)) static void need(void) { puts("not needed"); }
//# file: shared.c
const char *both(void) { return "shared"; }
//# file: static.c
const char *both(void) { return "static"; }
