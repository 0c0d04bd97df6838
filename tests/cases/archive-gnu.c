//# about: Only the members that are needed are taken out of an archive with a GNU symbol index.
//# archive: libx.a unneeded.o used.o helper.o
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
