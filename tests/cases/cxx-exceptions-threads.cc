//# about: Many threads throw and catch at once.
//# flags: -O1 | -O1 -fno-pic
//# stdout: 8000
#include <atomic>
#include <cstdio>
#include <thread>
#include <vector>
static std::atomic<int> caught;
[[gnu::noinline]] static void thrower(int x) { if (x >= 0) throw x; }
int main() {
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; t++)
        threads.emplace_back([] {
            for (int i = 0; i < 1000; i++)
                try { thrower(i); } catch (int x) { if (x == i) caught++; }
        });
    for (auto &thread : threads) thread.join();
    std::printf("%d\n", caught.load());
}
