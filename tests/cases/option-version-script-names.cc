//# about: Of a program whose version script names versions, and names as C++ has them, dlsym and dlvsym find what is global.
//# link: -rdynamic -Wl,--version-script=program.map
//# stdout: plain 1 1 later 1 1 f(int) 1 f(long) 0 Class 1 Other 0 own 0
//# file: program.map
VERS_1 {
    global:
        plain;
        extern "C++" {
            "space::f(int)";
            space::Class::*;
            typeinfo?for?space::Class;
        };
    local: *;
};
VERS_2 { later; } VERS_1;
//# file: main.cc
#include <dlfcn.h>
#include <stdio.h>
extern "C" int plain() { return 1; }
extern "C" int later() { return 2; }
extern "C" int own() { return 3; }
namespace space {
int f(int a) { return a; }
int f(long a) { return (int)a; }
struct Class {
    virtual int g();
};
int Class::g() { return 4; }
struct Other {
    virtual int g();
};
int Other::g() { return 5; }
}
static int has(const char *name) { return dlsym(RTLD_DEFAULT, name) != nullptr; }
static int has(const char *name, const char *version) { return dlvsym(RTLD_DEFAULT, name, version) != nullptr; }
int main() {
    printf("plain %d %d later %d %d ", has("plain"), has("plain", "VERS_1"), has("later"), has("later", "VERS_2"));
    printf("f(int) %d f(long) %d ", has("_ZN5space1fEi"), has("_ZN5space1fEl"));
    printf("Class %d Other %d own %d\n", has("_ZN5space5Class1gEv") && has("_ZTIN5space5ClassE"),
           has("_ZN5space5Other1gEv"), has("own"));
}
