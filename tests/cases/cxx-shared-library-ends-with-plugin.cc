//# about: A program that has opened a library ends its own in the loader's order: the plugin before what it needs, destructor functions before the statics that they use, and what libraries registered for the program with it.
//# manual: plugin.cc
//# shared: libneeded.so needed.cc
//# shared: libline.so line.cc
//# sh: $CXX -shared -fPIC -o plugin.so plugin.cc ./libneeded.so
//# args: main.o ./libneeded.so ./libline.so -lstdc++ -rdynamic
//# oracle-args: main.o ./libneeded.so ./libline.so -lstdc++ -rdynamic
//# stdout-from: oracle
#include "shared.h"
#include <dlfcn.h>
int needed(), line();
void registers(void (*function)()) { atexit(function); }
static Object object("the program's object");
__attribute__((destructor)) static void end() { say("the program's destructor"); }
int main() {
    if (!dlopen("./plugin.so", RTLD_NOW)) say(dlerror());
    shared();
    return needed() + line();
}
//# file: shared.h
#include <cstdio>
#include <cstdlib>
inline void say(const char *text) { puts(text); fflush(stdout); }
struct Object {
    const char *name;
    Object(const char *name) : name(name) {}
    ~Object() { say(name); name = "destroyed already"; }
};
inline Object &shared() { static Object object("the object of all"); return object; }
//# file: needed.cc
#include "shared.h"
static Object object("the needed library's object");
__attribute__((destructor)) static void end() { say("the needed library's destructor"); say(object.name); }
int needed() { say(object.name); return 0; }
//# file: line.cc
#include "shared.h"
void registers(void (*function)());
static void handler() { say("registered for the program"); }
static Object object("the library's object"), &inlined = shared();
__attribute__((constructor)) static void start() { registers(handler); }
__attribute__((destructor)) static void end() { say("the library's destructor"); say(object.name); }
int line() { return 0; }
//# file: plugin.cc
#include "shared.h"
int needed();
static Object object("the plugin's object");
__attribute__((destructor)) static void end() { say("the plugin's destructor"); needed(); }
