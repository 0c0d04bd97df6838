//# about: One plugin needs a library of the program and ends before it, another one needs none, but is bound to the library's
//# about: copy of an inline function; it ends behind all. What a plugin needs ends behind it.
//# manual: needs.cc bound.cc below.cc
//# shared: libfirst.so first.cc
//# shared: libsecond.so second.cc
//# sh: $CXX -shared -fPIC -o libbelow.so below.cc
//# sh: $CXX -shared -fPIC -o bound.so bound.cc
//# sh: $CXX -shared -fPIC -o needs.so needs.cc -Wl,--no-as-needed ./libsecond.so ./libbelow.so
//# args: main.o ./libfirst.so ./libsecond.so -lstdc++ -rdynamic
//# oracle-args: main.o ./libfirst.so ./libsecond.so -lstdc++ -rdynamic
//# stdout-from: oracle
#include "shared.h"
#include <dlfcn.h>
int first(), second();
int main() {
    const char *names[] = {"./libbelow.so", "./needs.so", "./bound.so"};
    for (const char *name : names)
        if (!dlopen(name, RTLD_NOW | RTLD_GLOBAL)) say(dlerror());
    return first() + second();
}
//# file: shared.h
#include <cstdio>
inline int say(const char *text) { puts(text); return fflush(stdout); }
inline int shared(int number) { static int sum; return sum += number; }
//# file: first.cc
#include "shared.h"
int first() { return 0 * shared(1); }
__attribute__((destructor)) static void end() { say("first library"); }
//# file: second.cc
#include "shared.h"
int second() { return 0 * shared(2); }
__attribute__((destructor)) static void end() { say("second library"); }
//# file: below.cc
#include "shared.h"
__attribute__((destructor)) static void end() { say("below"); }
//# file: bound.cc
#include "shared.h"
int bound = shared(3);
__attribute__((destructor)) static void end() { say("bound plugin"); }
//# file: needs.cc
#include "shared.h"
__attribute__((destructor)) static void end() { say("needing plugin"); }
