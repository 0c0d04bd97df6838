//# about: std::thread, mutex, condition_variable, atomics, async-like hand-over.
//# flags: -O1 | -O1 -fno-pic
//# stdout: 4000 10
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>
#include <vector>
int main() {
    std::mutex mutex;
    std::condition_variable ready;
    std::atomic<int> atomic{0};
    int counter = 0, handed = 0;
    std::thread consumer([&] {
        std::unique_lock lock(mutex);
        ready.wait(lock, [&] { return handed == 10; });
    });
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; t++)
        threads.emplace_back([&] {
            for (int i = 0; i < 1000; i++) {
                std::lock_guard lock(mutex);
                counter++;
                atomic++;
            }
        });
    for (auto &thread : threads) thread.join();
    for (int i = 0; i < 10; i++) {
        std::lock_guard lock(mutex);
        handed++;
        ready.notify_one();
    }
    consumer.join();
    std::printf("%d %d\n", counter == atomic ? counter : -1, handed);
}
