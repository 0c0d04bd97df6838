//# about: std::call_once hands its callable over in thread-local variables of libstdc++.
//# flags: -fPIC | -fno-pic
//# stdout: once
//# stdout: 1 1 1
#include <cstdio>
#include <mutex>
#include <thread>
static std::once_flag flag;
static int made;
static int use() {
    std::call_once(flag, [](int number) { made = number; std::puts("once"); }, 1);
    return made;
}
int main() {
    int in_thread = 0;
    std::thread([&] { in_thread = use(); }).join();
    std::printf("%d %d %d\n", in_thread, use(), made);
}
