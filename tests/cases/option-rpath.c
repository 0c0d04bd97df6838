//# about: A library needs another one that is found by the program's -rpath only.
//# flags: -fPIC | -fno-pic
//# file: inner.c
int inner(void) { return 42; }
//# file: outer.c
int inner(void);
int outer(void) { return inner(); }
//# file: main.c
//# shared: libinner.so inner.c -Wl,-soname,libinner.so.1
//# shared: libouter.so outer.c -Wl,-soname,libouter.so.1
//# sh: mkdir deep && mv libinner.so deep/libinner.so.1 && cd deep && ln -s libinner.so.1 libinner.so
//# sh: $CC -shared -fPIC outer.c -o libouter.so -Wl,--no-as-needed -Ldeep -linner -Wl,-soname,libouter.so && mkdir at
//# args: -o at/program main.o ./libouter.so -Wl,-rpath,$ORIGIN/../deep
//# oracle-args: main.o ./libouter.so -Wl,-rpath,$ORIGIN/deep:$ORIGIN -Wl,-rpath-link,deep -Wl,--disable-new-dtags
//# env: LD_LIBRARY_PATH=/nowhere
//# stdout: 42 /nowhere (null)
#include <stdio.h>
#include <stdlib.h>
int outer(void);
int main(void) {
    const char *path = getenv("LD_LIBRARY_PATH"), *before = getenv("SETLINK_LIBRARY_PATH_BEFORE");
    printf("%d %s %s\n", outer(), path ? path : "(null)", before ? before : "(null)");
}
