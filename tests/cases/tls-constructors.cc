//# about: thread_local objects of another object: wrappers, constructors and destructors in each thread, in order.
//# flags: -fPIC | -fPIE | -fno-pic
//# flags: -mtls-dialect=gnu | -mtls-dialect=gnu2
//# stdout: made a
//# stdout: made b
//# stdout: 3
//# stdout: gone b
//# stdout: gone a
//# stdout: made a
//# stdout: made b
//# stdout: 3
//# stdout: end
//# stdout: gone b
//# stdout: gone a
#include "own.h"
#include <thread>
extern thread_local Own a, b;
extern thread_local int plain;
static void use() { std::printf("%d\n", a.number + b.number + plain); }
int main() {
    std::thread(use).join();
    use();
    std::puts("end");
}
//# file: own.h
#include <cstdio>
struct Own {
    char name;
    int number;
    Own(char name, int number) : name(name), number(number) { std::printf("made %c\n", name); }
    ~Own() { std::printf("gone %c\n", name); }
};
//# file: own.cc
#include "own.h"
thread_local int plain = 0;
thread_local Own a('a', 1);
thread_local Own b('b', 2);
