//# about: A library uses the program's thread-local C++ objects, with constructors and destructors; dlsym finds them; a weak reference.
//# flags: -fPIC | -fno-pic
//# shared: libx.so x.cc
//# args: -Wl,--no-as-needed {objects} {libs} -lstdc++ -lm
//# stdout: made 1
//# stdout: library sees 1, weak 3
//# stdout: same 1
//# stdout: made 2
//# stdout: library sees 2, weak 3
//# stdout: same 1
//# stdout: gone 2
//# stdout: end
//# stdout: gone 1
#include "counted.h"
#include <dlfcn.h>
#include <thread>
std::atomic<int> count;
Counted::Counted() : number(++count) { std::printf("made %d\n", number); }
Counted::~Counted() { std::printf("gone %d\n", number); }
thread_local Counted counted;
__thread int maybe = 3;
Counted *library();
static void use() {
    Counted *seen = library();
    std::printf("same %d\n", seen == &counted && &maybe == dlsym(RTLD_DEFAULT, "maybe"));
}
int main() {
    use();
    std::thread(use).join();
    std::puts("end");
}
//# file: counted.h
#include <atomic>
#include <cstdio>
struct Counted {
    int number;
    Counted();
    ~Counted();
};
extern thread_local Counted counted;
//# file: x.cc
#include "counted.h"
extern __thread int maybe __attribute__((weak));
extern __thread int absent __attribute__((weak));
Counted *library() {
    std::printf("library sees %d, weak %d\n", counted.number, maybe);
    return &counted;
}
