//# about: dynamic_cast and typeid across objects, with virtual and multiple inheritance.
//# compilers: gcc clang
//# flags: -O0 -fPIC | -O2 -fno-pic
//# stdout: 1 0 1 1 cross
//# stdout: 4Both
#include "shapes.h"
#include <cstdio>
#include <typeinfo>
int main() {
    Root *root = make_both(), *left = make_left();
    auto *both = dynamic_cast<Both *>(root);
    auto *cross = dynamic_cast<Right *>(dynamic_cast<Left *>(root));
    std::printf("%d %d %d %d %s\n", both != nullptr, dynamic_cast<Both *>(left) != nullptr, typeid(*root) == typeid(Both),
                dynamic_cast<void *>(cross) == dynamic_cast<void *>(root), cross->right());
    std::printf("%s\n", typeid(*root).name());
}
//# file: shapes.h
struct Root { virtual ~Root(); int root = 1; };
struct Left : virtual Root { int left = 2; virtual const char *which(); };
struct Right : virtual Root { int r = 3; virtual const char *right(); };
struct Both : Left, Right { const char *right() override; };
Root *make_both();
Root *make_left();
//# file: shapes.cc
#include "shapes.h"
Root::~Root() {}
const char *Left::which() { return "left"; }
const char *Right::right() { return "right"; }
const char *Both::right() { return "cross"; }
Root *make_both() { return new Both; }
Root *make_left() { return new Left; }
