//# about: The same, where all is exported: the library that refers to the old version finds the function of the program.
//# flags: -fPIC | -fno-pic
//# manual: versions.c refers.c
//# sh: $CC -shared -fPIC -o libversions.so versions.c -DBEFORE -Wl,--version-script=before.map -Wl,-soname,libversions.so
//# sh: $CC -shared -fPIC -o librefers.so refers.c -Wl,--no-as-needed ./libversions.so
//# sh: $CC -shared -fPIC -o libversions.so versions.c -Wl,--version-script=versions.map -Wl,-soname,libversions.so
//# args: -Wl,--no-as-needed main.o ./librefers.so ./libversions.so -rdynamic -Wl,-rpath,{dir}
//# stdout: refers 21, default yes, own 21
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
int old(void) { return 21; }
int refers(void);
int main(void) { printf("refers %d, default %s, own %d\n", refers(), dlsym(RTLD_DEFAULT, "old") ? "yes" : "no", old()); }
//# file: versions.c
#ifdef BEFORE
int old(void) { return 7; }
#else
__asm__(".symver third, old@V1");
int third(void) { return 7; }
#endif
//# file: refers.c
int old(void);
int refers(void) { return old(); }
//# file: before.map
V1 { old; };
//# file: versions.map
V1 {};
