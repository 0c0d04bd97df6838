//# about: -R with a directory is -rpath; with a file, its symbols' addresses are the program's.
//# file: inner.c
int inner(void) { return 42; }
//# file: outer.c
int inner(void);
int outer(void) { return inner(); }
//# file: main.c
int outer(void);
#include <stdio.h>
int main(void) { printf("%d\n", outer()); }
//# manual: inner.c outer.c
//# sh: mkdir deep && $CC -shared -fPIC inner.c -o deep/libinner.so -Wl,-soname,libinner.so
//# sh: $CC -shared -fPIC outer.c -o libouter.so -Wl,--no-as-needed -Ldeep -linner -Wl,-soname,./libouter.so
//# args: -o program {objects} ./libouter.so -Wl,-R,$ORIGIN/deep
//# oracle-args: {objects} ./libouter.so -Wl,-R,deep -Wl,-rpath-link,deep -Wl,--disable-new-dtags
//# stdout: 42
