//# about: Pointers to members, virtual and not, across objects; lambdas as function pointers.
//# flags: -fPIC | -fno-pic
//# stdout: 1 2 3
#include "thing.h"
#include <cstdio>
int main() {
    Thing thing;
    int (*lambda)() = [] { return 3; };
    std::printf("%d %d %d\n", (thing.*plain_member)(), (thing.*virtual_member)(), lambda());
}
//# file: thing.h
struct Thing {
    int plain();
    virtual int overridden();
};
extern int (Thing::*plain_member)();
extern int (Thing::*virtual_member)();
//# file: thing.cc
#include "thing.h"
int Thing::plain() { return 1; }
int Thing::overridden() { return 2; }
int (Thing::*plain_member)() = &Thing::plain;
int (Thing::*virtual_member)() = &Thing::overridden;
