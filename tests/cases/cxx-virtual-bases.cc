//# about: Virtual inheritance: construction vtables, virtual destructors through a base, covariant results.
//# flags: -O0 | -O2 -fno-pic
//# stdout: A B C D ~D ~C ~B ~A
#include <cstdio>
struct A { A() { std::printf("A "); } virtual ~A() { std::printf("~A\n"); } virtual A *self() { return this; } };
struct B : virtual A { B() { std::printf("B "); } ~B() override { std::printf("~B "); } B *self() override { return this; } };
struct C : virtual A { C() { std::printf("C "); } ~C() override { std::printf("~C "); } };
struct D : B, C { D() { std::printf("D "); } ~D() override { std::printf("~D "); } D *self() override { return this; } };
int main() {
    A *a = new D;
    delete a->self();
}
