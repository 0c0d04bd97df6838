//# about: With --disable-new-dtags, dlopen searches the directories of -rpath before those of LD_LIBRARY_PATH.
//# manual: other.c first.c
//# sh: mkdir deep early && $CC -shared -fPIC other.c -o deep/libonly.so && cp deep/libonly.so deep/libboth.so
//# sh: $CC -shared -fPIC first.c -o early/libboth.so && cp deep/libonly.so early && printf '\003' | dd of=early/libonly.so bs=1 seek=18 conv=notrunc status=none
//# env: LD_LIBRARY_PATH=early
//# link: -Wl,-rpath,deep,--disable-new-dtags
//# stdout: libonly.so 2
//# stdout: libboth.so 2
//# stdout: libboth.so 2
//# stdout: $ORIGIN/deep/libonly.so 2
//# stdout: ${ORIGIN}/early/libboth.so 1
//# stdout: libnone.so -1
//# file: main.c
#include <dlfcn.h>
#include <stdio.h>
static void show(const char *name) {
    void *library = dlopen(name, RTLD_NOW);
    int (*number)(void) = library ? (int (*)(void))dlsym(library, "number") : NULL;
    printf("%s %d\n", name, number ? number() : -1);
}
int main(void) {
    show("libonly.so");
    show("libboth.so");
    show("libboth.so");
    show("$ORIGIN/deep/libonly.so");
    show("${ORIGIN}/early/libboth.so");
    show("libnone.so");
}
//# file: other.c
int number(void) { return 2; }
//# file: first.c
int number(void) { return 1; }
