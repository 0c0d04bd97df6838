//# about: A thin archive names its members' files, relative to the archive's own folder.
//# sh: mkdir sub && mv used.o helper.o unneeded.o sub && cd sub && $AR qcsT libx.a unneeded.o used.o helper.o
//# args: main.o sub/libx.a
//# stdout: 42
#include <stdio.h>
int used(void);
int main(void) { printf("%d\n", used()); }
//# file: used.c
int helper(void);
int used(void) { return helper() * 2; }
//# file: helper.c
int helper(void) { return 21; }
//# file: unneeded.c
void nobody_defines_this(void);
void unneeded(void) { nobody_defines_this(); }
