//# about: Of lazy objects and archives the first that defines a name is taken; a definition elsewhere needs none;
//# about: a weak reference takes none.
//# compilers: clang
//# needs: ld.lld
//# archive: liblate.a late.o
//# args: main.o here.o --start-lib early.o two.o weakly.o --end-lib liblate.a
//# oracle-flags: -fuse-ld=lld
//# oracle-args: main.o here.o -Wl,--start-lib early.o two.o weakly.o -Wl,--end-lib liblate.a
//# stdout: early here 0
#include <stdio.h>
const char *who(void);
const char *two(void);
__attribute__((weak)) int weakly(void);
int main(void) { printf("%s %s %d\n", who(), two(), weakly != 0); }
//# file: here.c
const char *two(void) { return "here"; }
//# file: early.c
const char *who(void) { return "early"; }
//# file: late.c
const char *who(void) { return "late"; }
//# file: two.c
const char *two(void) { return "lazy"; }
//# file: weakly.c
int weakly(void) { return 1; }
