//# about: Static constructors in the order of the objects, by priority before that; destructors in reverse.
//# args: main.o b.o c.o
//# stdout: +b101 +main102 +c103 +main +b +c main -c -b -main -c103 -main102 -b101
#include "noisy.h"
__attribute__((init_priority(102))) Noisy early("main102");
Noisy normal("main");
int main() { std::printf("main "); }
//# file: noisy.h
#include <cstdio>
struct Noisy {
    const char *name;
    Noisy(const char *name) : name(name) { std::printf("+%s ", name); }
    ~Noisy() {
        bool last = name[0] == 'b' && name[1];
        std::printf("-%s%c", name, last ? '\n' : ' ');
    }
};
//# file: b.cc
#include "noisy.h"
__attribute__((init_priority(101))) Noisy first("b101");
Noisy normal_b("b");
//# file: c.cc
#include "noisy.h"
Noisy normal_c("c");
__attribute__((init_priority(103))) Noisy third("c103");
