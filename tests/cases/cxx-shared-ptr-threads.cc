//# about: shared_ptr's counts are exact when many threads copy it (they depend on __libc_single_threaded).
//# flags: -O1 -fPIC | -O1 -fno-pic
//# stdout: 1 destroyed 1
#include <cstdio>
#include <memory>
#include <thread>
#include <vector>
static int destroyed;
struct Noisy { ~Noisy() { destroyed++; } };
int main() {
    auto pointer = std::make_shared<Noisy>();
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; t++)
        threads.emplace_back([&] {
            for (int i = 0; i < 50000; i++) auto copy = pointer;
        });
    for (auto &thread : threads) thread.join();
    std::printf("%ld ", pointer.use_count());
    pointer.reset();
    std::printf("destroyed %d\n", destroyed);
}
