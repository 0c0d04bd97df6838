//# about: Compact relocations (CREL), explicit addends included.
//# compilers: clang
//# needs: ld.lld -Wa,--crel,--allow-experimental-crel
//# flags: -Wa,--crel,--allow-experimental-crel -fPIC | -Wa,--crel,--allow-experimental-crel -fno-pic -g
//# oracle-flags: -fuse-ld=lld
//# stdout: b 3 33
#include <stdio.h>
extern int table[4];
int *middle = &table[2];
const char *names[] = {"a", "b", "c"};
int pick(int);
int main(void) { printf("%s %d %d\n", names[1], *middle, pick(2)); }
//# file: pick.c
int table[4] = {1, 2, 3, 4};
int pick(int n) { return table[n] * 11; }
