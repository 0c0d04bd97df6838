//# about: What describes a COMDAT function (SHF_LINK_ORDER) goes with the copy that is left out.
//# flags: -fpatchable-function-entry=4,2
//# compilers: clang
//# stdout: 5
#include <cstdio>
template <class T> __attribute__((noinline)) T twice(T value) { return value + value; }
int other();
int main() { std::printf("%d\n", twice(1) + other()); }
//# file: other.cc
template <class T> __attribute__((noinline)) T twice(T value) { return value + value; }
int other() { return twice(1) + 1; }
