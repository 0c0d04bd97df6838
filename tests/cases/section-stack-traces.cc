//# about: Stack trace tables (.sframe) do not hinder, although some describe functions that are left out.
//# flags: -Wa,--gsframe
//# needs: -Wa,--gsframe
//# stdout: 5
#include <cstdio>
template <class T> __attribute__((noinline)) T twice(T value) { return value + value; }
int other();
int main() { std::printf("%d\n", twice(1) + other()); }
//# file: other.cc
template <class T> __attribute__((noinline)) T twice(T value) { return value + value; }
int other() { return twice(1) + 1; }
