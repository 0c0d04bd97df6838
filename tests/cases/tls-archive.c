//# about: A reference to a thread-local variable pulls in the archive member that defines it.
//# flags: -fPIC | -fno-pic
//# archive: libx.a x.o y.o
//# stdout: 5 5
#include <stdio.h>
extern __thread int in_archive;
int get(void);
int main(void) { printf("%d %d\n", in_archive, get()); }
//# file: x.c
__thread int in_archive = 5;
//# file: y.c
extern __thread int in_archive __attribute__((visibility("hidden")));
int get(void) { return in_archive; }
