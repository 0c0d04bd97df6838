//# about: dlopen searches the directories of the program's -rpath, behind those of LD_LIBRARY_PATH, and knows $ORIGIN; so does dlmopen.
//# flags: -fPIC | -fno-pic
//# manual: other.c first.c
//# sh: mkdir deep early && $CC -shared -fPIC other.c -o deep/libonly.so && cp deep/libonly.so deep/libboth.so
//# sh: $CC -shared -fPIC first.c -o early/libboth.so && cp deep/libonly.so early && printf '\003' | dd of=early/libonly.so bs=1 seek=18 conv=notrunc status=none
//# env: LD_LIBRARY_PATH=early
//# link: -Wl,-rpath,deep
//# stdout: libonly.so 2
//# stdout: libboth.so 1
//# stdout: libboth.so 1
//# stdout: $ORIGIN/deep/libonly.so 2
//# stdout: ${ORIGIN}/early/libboth.so 1
//# stdout: libnone.so -1
//# stdout: 2 1 2
//# file: main.c
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
static void show(const char *name) {
    void *library = dlopen(name, RTLD_NOW);
    int (*number)(void) = library ? (int (*)(void))dlsym(library, "number") : NULL;
    printf("%s %d\n", name, number ? number() : -1);
}
static int in(Lmid_t space, const char *name) {
    void *library = dlmopen(space, name, RTLD_NOW);
    return library ? ((int (*)(void))dlsym(library, "number"))() : -1;
}
int main(void) {
    show("libonly.so");
    show("libboth.so");
    show("libboth.so");
    show("$ORIGIN/deep/libonly.so");
    show("${ORIGIN}/early/libboth.so");
    show("libnone.so");
    int base = in(LM_ID_BASE, "$ORIGIN/deep/libonly.so"), first = in(LM_ID_NEWLM, "libboth.so");
    printf("%d %d %d\n", base, first, in(LM_ID_NEWLM, "libonly.so"));
}
//# file: other.c
int number(void) { return 2; }
//# file: first.c
int number(void) { return 1; }
