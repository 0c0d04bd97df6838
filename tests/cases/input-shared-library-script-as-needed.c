//# about: AS_NEEDED in a linker script, and two files with one SONAME, of which the first counts.
//# manual: wanted.c unwanted.c old.c
//# shared: libwanted.so wanted.c -Wl,-soname,libwanted.so.1
//# shared: libold.so old.c -Wl,-soname,libwanted.so.1
//# shared: libunwanted.so unwanted.c
//# sh: echo 'GROUP ( AS_NEEDED ( ./libunwanted.so ./libwanted.so ) )' > libscript.so
//# sh: ln -s libwanted.so libwanted.so.1
//# env: LD_LIBRARY_PATH=.
//# args: main.o ./libscript.so ./libold.so
//# stdout: wanted: yes, unwanted: no, old: no
//# stdout: 5
#include <stdio.h>
#include <stdlib.h>
int wanted(void);
static const char *is_open(const char *name) { return getenv(name) ? "yes" : "no"; }
int main(void) {
    printf("wanted: %s, unwanted: %s, old: %s\n", is_open("wanted"), is_open("unwanted"), is_open("old"));
    printf("%d\n", wanted());
}
//# file: wanted.c
#include <stdlib.h>
__attribute__((constructor)) static void start(void) { setenv("wanted", "1", 1); }
int wanted(void) { return 5; }
//# file: unwanted.c
#include <stdlib.h>
__attribute__((constructor)) static void start(void) { setenv("unwanted", "1", 1); }
int unwanted(void) { return 0; }
//# file: old.c
#include <stdlib.h>
__attribute__((constructor)) static void start(void) { setenv("old", "1", 1); }
int wanted(void) { return 7; }
