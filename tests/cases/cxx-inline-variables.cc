//# about: Inline variables and template statics: one object, constructed once.
//# stdout: constructed
//# stdout: 7 7 3
#include "shared.h"
int main() {
    other();
    int value = other();
    std::printf("%d %d %d\n", shared.value, value, Counter<int>::count);
}
//# file: shared.h
#include <cstdio>
struct Shared {
    int value = 7;
    Shared() { std::puts("constructed"); }
};
inline Shared shared;
template <class T> struct Counter { static int count; };
template <class T> int Counter<T>::count = 1;
int other();
//# file: other.cc
#include "shared.h"
int other() {
    Counter<int>::count++;
    return shared.value;
}
