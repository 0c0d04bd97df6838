//# about: Exceptions across objects: by value, by base class, rethrown, nested, from constructors, with clean-ups.
//# compilers: gcc clang
//# flags: -O0 | -O2
//# flags: -fPIC | -fno-pic | -mcmodel=large -fno-pic
//# stdout: int 5
//# stdout: base derived
//# stdout: clean inner
//# stdout: clean outer
//# stdout: rethrown 7
//# stdout: member destroyed
//# stdout: constructor
#include "errors.h"
#include <cstdio>
struct Guard {
    const char *name;
    ~Guard() { std::printf("clean %s\n", name); }
};
struct Member { ~Member() { std::puts("member destroyed"); } };
struct Failing {
    Member member;
    Failing() { throw "constructor"; }
};
static void rethrower() {
    Guard outer{"outer"};
    try {
        Guard inner{"inner"};
        throw_int(7);
    } catch (...) {
        throw;
    }
}
int main() {
    try { throw_int(5); } catch (int x) { std::printf("int %d\n", x); }
    try { throw_derived(); } catch (const Base &base) { std::printf("base %s\n", base.name()); }
    try { rethrower(); } catch (int x) { std::printf("rethrown %d\n", x); }
    try { Failing failing; } catch (const char *text) { std::puts(text); }
}
//# file: errors.h
struct Base {
    virtual ~Base();
    virtual const char *name() const;
};
struct Derived : Base { const char *name() const override; };
void throw_int(int);
void throw_derived();
//# file: errors.cc
#include "errors.h"
Base::~Base() {}
const char *Base::name() const { return "base"; }
const char *Derived::name() const { return "derived"; }
void throw_int(int x) { throw x; }
void throw_derived() { throw Derived(); }
