//# about: A hidden reference is not content with the shared library that stands before the archive.
//# manual: library.c
//# shared: libx.so library.c
//# archive: liby.a member.o
//# args: {objects} {libs} {archives}
//# stdout: member
#include <stdio.h>
__attribute__((visibility("hidden"))) const char *who(void);
int main(void) { puts(who()); }
//# file: member.c
const char *who(void) { return "member"; }
//# file: library.c
const char *who(void) { return "library"; }
