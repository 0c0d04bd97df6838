//# about: Destructors of the program and of its libraries run before the statics of the libraries are destroyed.
//# shared: libb.so b.cc
//# shared: liba.so a.cc ./libb.so
//# args: main.o ./liba.so ./libb.so -lstdc++ -lm
//# stdout-from: oracle
#include <cstdio>
#include <cstdlib>
const char *a(), *b();
struct Own { ~Own() { std::printf("own, %s\n", b()); } } own;
static void registered() { std::printf("registered, %s\n", a()); }
__attribute__((destructor)) static void end() { std::printf("program: %s %s\n", a(), b()); }
int main() { std::atexit(registered); std::puts(a()); }
//# file: b.cc
#include <cstdio>
#include <string>
struct Static { std::string text = "a text that is too long to be in the string itself"; ~Static() { std::puts("b's"); text = "gone"; } };
static Static its;
const char *b() { return its.text.c_str(); }
__attribute__((destructor)) static void end() { std::printf("b: %s\n", b()); }
//# file: a.cc
#include <cstdio>
#include <string>
const char *b();
struct Static { std::string text = "another text that is too long for that"; ~Static() { std::printf("a's, %s\n", b()); text = "gone"; } };
static Static its;
const char *a() { return its.text.c_str(); }
__attribute__((destructor)) static void end() { std::printf("a: %s, %s\n", a(), b()); }
