//# flags: -fcommon
//# about: What a library that is needed after all needs itself comes from archives; what members need, from libraries; and of two files with one SONAME the second provides nothing.
//# manual: calls.c deep.c one.c two.c
//# shared: libcalls.so calls.c
//# shared: libdeep.so deep.c
//# shared: libone.so one.c -Wl,-soname,libx.so.1
//# shared: libtwo.so two.c -Wl,-soname,libx.so.1
//# archive: libback.a back.o
//# archive: libcommon.a initialised.o
//# archive: libtwo.a member.o
//# sh: ln -s libone.so libx.so.1
//# env: LD_LIBRARY_PATH=.
//# args: -Wl,--as-needed main.o ./libcalls.so libback.a libcommon.a ./libdeep.so ./libone.so ./libtwo.so libtwo.a
//# oracle-args: -Wl,--no-as-needed main.o ./libcalls.so -Wl,--whole-archive libback.a libcommon.a -Wl,--no-whole-archive ./libdeep.so ./libone.so libtwo.a
//# stdout: 4 7 1 22
#include <stdio.h>
int number;
int calls(void), one(void), two(void);
int main(void) { printf("%d %d %d %d\n", calls(), number, one(), two()); }
//# file: calls.c
int back(void);
int calls(void) { return back(); }
//# file: back.c
int back(void) { return 4; }
//# file: initialised.c
int deep(void);
int number = 7;
int use(void) { return deep(); }
//# file: deep.c
int deep(void) { return 3; }
//# file: one.c
int one(void) { return 1; }
//# file: two.c
int one(void) { return 5; }
int two(void) { return 2; }
//# file: member.c
int two(void) { return 22; }
