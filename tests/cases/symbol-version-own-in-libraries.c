//# about: What a program defines by versions stands in for what its libraries have by the same ones, and for no other: theirs are called and found by dlvsym.
//# flags: -fPIC -fno-builtin | -fno-pic -fno-builtin
//# manual: has.c refers.c
//# sh: $CC -shared -fPIC -o libhas.so has.c -DVALUE=100 -Wl,--version-script=one.map -Wl,-soname,libhas.so
//# sh: $CC -shared -fPIC -o libone.so refers.c -DASKS=one -Wl,--no-as-needed ./libhas.so
//# sh: $CC -shared -fPIC -o libhas.so has.c -DVALUE=100 -Wl,--version-script=two.map -Wl,-soname,libhas.so
//# sh: $CC -shared -fPIC -o libtwo.so refers.c -DASKS=two -Wl,--no-as-needed ./libhas.so
//# sh: $CC -shared -fPIC -o libhas.so has.c -DVALUE=100 -Wl,--version-script=three.map -Wl,-soname,libhas.so
//# sh: $CC -shared -fPIC -o libthree.so refers.c -DASKS=three -Wl,--no-as-needed ./libhas.so
//# sh: $CC -shared -fPIC -o libhas.so has.c -DALL -DVALUE=103 -Wl,--version-script=three.map -Wl,-soname,libhas.so
//# args: main.o -Wl,--no-as-needed ./libone.so ./libtwo.so ./libthree.so ./libhas.so -Wl,-rpath,{dir}
//# stdout: one 11, two 12, three 103, own 12
//# stdout: default: 12, 11 12 103 -1
//# stdout: next: 103, 101 102 103 -1
//# stdout: library: 103, 101 102 103 -1
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
__asm__(".symver own_1, name@V1");
__asm__(".symver own_2, name@@V2");
int own_1(void) { return 11; }
int own_2(void) { return 12; }
int name(void);
int one(void), two(void), three(void);
static int call(void *found) { return found ? ((int (*)(void))found)() : -1; }
static void ask(const char *what, void *handle) {
    printf("%s: %d, %d %d %d %d\n", what, call(dlsym(handle, "name")), call(dlvsym(handle, "name", "V1")),
           call(dlvsym(handle, "name", "V2")), call(dlvsym(handle, "name", "V3")), call(dlvsym(handle, "name", "V4")));
}
int main(void) {
    printf("one %d, two %d, three %d, own %d\n", one(), two(), three(), name());
    ask("default", RTLD_DEFAULT);
    ask("next", RTLD_NEXT);
    ask("library", dlopen("libhas.so", RTLD_NOW));
}
//# file: has.c
#ifdef ALL
__asm__(".symver name_1, name@V1");
__asm__(".symver name_2, name@V2");
int name_1(void) { return 101; }
int name_2(void) { return 102; }
#endif
int name(void) { return VALUE; }
//# file: refers.c
int name(void);
int ASKS(void) { return name(); }
//# file: one.map
V1 { name; };
//# file: two.map
V2 { name; };
//# file: three.map
V1 {};
V2 {};
V3 { name; };
