//# about: The initialiser of a template's static member sits in a COMDAT group: it runs once.
//# flags: -O0 -fPIC | -O2 -fno-pic
//# stdout: made
//# stdout: 1 1
#include "shared.h"
int main() { std::printf("%d %d\n", Holder<int>::made.number, other()); }
//# file: shared.h
#include <cstdio>
struct Made { int number; Made() : number(1) { std::puts("made"); } };
template <class T> struct Holder { static Made made; };
template <class T> Made Holder<T>::made;
int other();
//# file: other.cc
#include "shared.h"
int other() { return Holder<int>::made.number; }
