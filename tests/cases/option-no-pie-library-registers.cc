//# about: With -no-pie, a static variable of an inline function of the program, which a library's constructor is the first to
//# about: use, is destroyed behind the library's destructor functions.
//# flags: -fno-pic
//# flags(library.cc): -fPIC
//# shared: liblibrary.so library.cc
//# stdout-from: oracle
//# args: -no-pie main.o ./liblibrary.so -lstdc++ -rdynamic
//# oracle-args: main.o ./liblibrary.so -lstdc++ -rdynamic
#include "shared.h"
int library();
static Object &here = shared();
int main() { return library(); }
//# file: shared.h
#include <unistd.h>
struct Object {
    Object() { write(1, "constructed\n", 12); }
    ~Object() { write(1, "destroyed\n", 10); }
};
inline Object &shared() { static Object object; return object; }
//# file: library.cc
#include "shared.h"
static Object &here = shared();
__attribute__((destructor)) static void end() { write(1, "end of the library\n", 19); }
int library() { return 0; }
