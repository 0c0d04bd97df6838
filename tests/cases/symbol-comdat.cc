//# about: Inline functions, templates and inline variables exist once.
//# compilers: gcc clang
//# flags: -O0 | -O0 -fno-pic
//# stdout: 1 1 3
#include "shared.h"
#include <cstdio>
int main() {
    other();
    count();
    std::printf("%d %d %d\n", count == other_count(), &counter == other_counter(), count());
}
//# file: shared.h
inline int counter = 0;
inline int count() { return ++counter; }
template <class T> T twice(T x) { return x + x; }
int other();
int (*other_count())();
int *other_counter();
//# file: other.cc
#include "shared.h"
int other() { return count() + twice(1); }
int (*other_count())() { return count; }
int *other_counter() { return &counter; }
