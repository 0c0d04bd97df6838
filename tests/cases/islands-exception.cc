//# about: Exceptions, type information and inline functions cross islands.
//# flags: -O1 -fPIC
//# args: --reach 65536 {objects} -lstdc++ -lm
//# oracle-args: {objects} -lstdc++ -lm
//# stdout: caught 7, 2 gone
//# exit: 0
//# plan: /islands/1/number == 1
#include <cstdio>
#include <stdexcept>
#include "all.h"
int main() {
    try {
        middle(7);
    } catch (const Number &number) {
        std::printf("caught %d, %d gone\n", number.value, gone);
    }
}

//# file: all.h
struct Number { int value; virtual ~Number() {} };
inline int gone;
struct Guard { ~Guard() { gone++; } };
void middle(int), thrower(int);

//# file: middle.cc
#include "all.h"
static volatile char pad[30000];
void middle(int n) { Guard one, two; pad[n] = 1; thrower(n); }

//# file: thrower.cc
#include "all.h"
static volatile char pad[30000];
void thrower(int n) { pad[n] = 1; Number number; number.value = n; throw number; }
