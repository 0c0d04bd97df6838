//# about: Function-local statics are made once, also by threads at once, and destroyed at exit.
//# flags: -fPIC | -fno-pic
//# stdout: made
//# stdout: 1
//# stdout: destroyed
#include <cstdio>
#include <thread>
#include <vector>
struct Noisy {
    Noisy() { std::puts("made"); }
    ~Noisy() { std::puts("destroyed"); }
    int uses = 0;
};
inline Noisy &instance() {
    static Noisy noisy;
    return noisy;
}
int main() {
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; i++) threads.emplace_back([] { instance(); });
    for (auto &thread : threads) thread.join();
    std::printf("%d\n", ++instance().uses);
}
