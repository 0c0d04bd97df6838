//# about: BSD archives: __.SYMDEF index, names of any length as #1/LENGTH.
//# compilers: clang
//# needs: llvm-ar ld.lld
//# oracle-flags: -fuse-ld=lld
//# archive: libx.a [bsd] unneeded.o a_member_with_a_name_longer_than_sixteen.o helper.o
//# stdout: 42
#include <stdio.h>
int used(void);
int main(void) { printf("%d\n", used()); }
//# file: a_member_with_a_name_longer_than_sixteen.c
int helper(void);
int used(void) { return helper() * 2; }
//# file: helper.c
int helper(void) { return 21; }
//# file: unneeded.c
void nobody_defines_this(void);
void unneeded(void) { nobody_defines_this(); }
