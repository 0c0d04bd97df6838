//# about: --sysroot stands for `=` and `$SYSROOT` in front of directories for libraries, on the line and in scripts.
//# manual: one.c two.c three.c
//# sh: mkdir -p root/libraries root/more && for part in one two three; do $CC -c $part.c; done
//# sh: $AR rcs root/libraries/libone.a one.o && $AR rcs root/libraries/libtwo.a two.o && $AR rcs root/more/libthree.a three.o
//# file: root.ld
INPUT(=/more/libthree.a)
//# args: main.o --sysroot=root -L=/libraries -lone -L$SYSROOT/libraries -ltwo root.ld
//# oracle-args: main.o -Wl,--sysroot=root -Wl,-L=/libraries -lone -Wl,-L$SYSROOT/libraries -ltwo root.ld -Wl,-L/lib/x86_64-linux-gnu,-L/usr/lib/x86_64-linux-gnu
//# stdout: 1 2 3
//# file: main.c
#include <stdio.h>
int one(void), two(void), three(void);
int main(void) { printf("%d %d %d\n", one(), two(), three()); }
//# file: one.c
int one(void) { return 1; }
//# file: two.c
int two(void) { return 2; }
//# file: three.c
int three(void) { return 3; }
