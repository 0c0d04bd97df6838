//# about: A dynamic list names what dlsym finds of a program, by names as C++ has them, too.
//# link: -Wl,--dynamic-list=list -Wl,--dynamic-list-cpp-typeinfo
//# stdout: plain 1 space::f(int) 1 space::f(long) 0 space::Class::g() 1 typeinfo 1 other 0 data 0
//# file: list
{
    plain;
    extern "C++" {
        "space::f(int)";
        space::Class::*;
    };
};
//# file: main.cc
#include <dlfcn.h>
#include <stdio.h>
extern "C" int plain() { return 1; }
extern "C" int other() { return 2; }
int data = 3;
namespace space {
int f(int a) { return a; }
int f(long a) { return (int)a; }
struct Class {
    virtual int g();
};
int Class::g() { return 4; }
struct Other {
    virtual int h();
};
int Other::h() { return 5; }
}
static int has(const char *name) { return dlsym(RTLD_DEFAULT, name) != nullptr; }
int main() {
    printf("plain %d space::f(int) %d space::f(long) %d ", has("plain"), has("_ZN5space1fEi"), has("_ZN5space1fEl"));
    printf("space::Class::g() %d typeinfo %d ", has("_ZN5space5Class1gEv"), has("_ZTIN5space5OtherE"));
    printf("other %d data %d\n", has("other"), has("data"));
}
