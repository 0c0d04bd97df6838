//# about: Debug information and unwind tables may refer to discarded sections.
//# compilers: gcc clang
//# flags: -g -O0 | -g -O0 -ffunction-sections
//# stdout: 9
#include "shared.h"
#include <cstdio>
int main() {
    try {
        check(-1);
    } catch (int value) {
        std::printf("%d\n", value + other());
    }
}
//# file: shared.h
inline int check(int x) {
    if (x < 0) throw 4;
    return x;
}
int other();
//# file: other.cc
#include "shared.h"
int other() {
    try {
        return check(-2);
    } catch (int value) {
        return value + 1;
    }
}
