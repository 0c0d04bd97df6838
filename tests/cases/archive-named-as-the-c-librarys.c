//# about: A project's own archives have names that the C library's have, too, and define names that it has, too.
//# flags: -fPIC | -fno-pic
//# file: warn.c
#include <stdio.h>
void warn(int number) { printf("own warn %d\n", number); }
//# file: basename.c
#include <stdio.h>
char *basename(char *path) { return puts("own basename"), path; }
//# file: main.c
//# archive: libutil.a warn.o
//# archive: libm-own.a basename.o
//# stdout: own basename
//# stdout: own warn 3
char *basename(char *);
void warn(int);
int main(void) { basename("a/b"), warn(3); }
