//# about: A type defined inline in both program and library: thrown in one, caught in the other, by its type_info.
//# oracle-flags: -rdynamic
//# shared: libthrower.so thrower.cc
//# stdout: caught 8
#include "error.h"
#include <cstdio>
int main() {
    try { thrower(8); } catch (const Error &error) { std::printf("caught %d\n", error.value); }
}
//# file: error.h
struct Error {
    int value;
    virtual ~Error() {}
};
void thrower(int);
//# file: thrower.cc
#include "error.h"
void thrower(int value) { Error error; error.value = value; throw error; }
