//# about: Exceptions and stack walks where the link line has the compiler's own unwinder (-static-libgcc).
//# compilers: gcc
//# flags: -fPIC | -fno-pic
//# args: main.o -lstdc++ -lgcc -lgcc_eh
//# oracle-flags: -static-libgcc
//# stdout: destroyed
//# stdout: caught 5
//# stdout: frames
#include <cstdio>
#include <unwind.h>
struct Noisy {
    ~Noisy() { std::puts("destroyed"); }
};
__attribute__((noinline)) void thrower() { throw 5; }
__attribute__((noinline)) void between() {
    Noisy noisy;
    thrower();
}
static _Unwind_Reason_Code count(_Unwind_Context *, void *frames) {
    ++*static_cast<int *>(frames);
    return _URC_NO_REASON;
}
int main() {
    try {
        between();
    } catch (int number) {
        std::printf("caught %d\n", number);
    }
    int frames = 0;
    _Unwind_Backtrace(count, &frames);
    std::puts(frames >= 2 ? "frames" : "none");
}
