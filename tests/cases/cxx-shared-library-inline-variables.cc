//# about: Inline variables, statics of inline functions and of templates are one in the program and its library, whose initialisers use them first.
//# flags: -std=c++17 | -std=c++17 -fPIC | -std=c++17 -fno-pic | -std=c++17 -O2
//# shared: libx.so x.cc -std=c++17
//# stdout: library: 2 2 2 2
//# stdout: program: 2 2 2 2
//# stdout: from the library
//# stdout: from the program
#include "registry.h"
static Register mine("from the program");
void print();
int main() {
    print();
    std::printf("program: %zu %zu %d %d\n", registry().size(), numbers.size(), Counter<int>::count, plain);
    for (auto &line : registry()) std::puts(line.c_str());
}
//# file: registry.h
#include <cstdio>
#include <string>
#include <vector>
inline std::vector<std::string> &registry() { static std::vector<std::string> lines; return lines; }
inline std::vector<int> numbers;
template <class T> struct Counter { static int count; };
template <class T> int Counter<T>::count = 0;
inline int plain = 0;
struct Register {
    Register(const char *line) { registry().push_back(line); numbers.push_back(1); Counter<int>::count++; plain++; }
};
//# file: x.cc
#include "registry.h"
static Register its("from the library");
void print() {
    std::printf("library: %zu %zu %d %d\n", registry().size(), numbers.size(), Counter<int>::count, plain);
}
