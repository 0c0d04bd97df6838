//# about: Members that bring COMDAT groups which exist already: one copy of each, whichever came first.
//# archive: libx.a used.o more.o
//# stdout: 3 1
#include "shared.h"
#include <cstdio>
int main() { std::printf("%d %d\n", used() + next(), &more_counter() == &counter()); }
//# file: shared.h
inline int &counter() {
    static int value = 0;
    return value;
}
inline int next() { return ++counter(); }
int used();
int &more_counter();
//# file: used.cc
#include "shared.h"
int used() { next(); return counter(); }
//# file: more.cc
#include "shared.h"
int &more_counter() { return counter(); }
