//# about: Coroutines.
//# flags: -std=c++20 -O0 | -std=c++20 -O2 -fno-pic
//# stdout: 0 1 4 9
#include <coroutine>
#include <cstdio>
#include <exception>
struct Generator {
    struct promise_type {
        int value;
        Generator get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
        std::suspend_always initial_suspend() { return {}; }
        std::suspend_always final_suspend() noexcept { return {}; }
        std::suspend_always yield_value(int x) { value = x; return {}; }
        void return_void() {}
        void unhandled_exception() { std::terminate(); }
    };
    std::coroutine_handle<promise_type> handle;
    ~Generator() { handle.destroy(); }
};
static Generator squares() { for (int i = 0;; i++) co_yield i * i; }
int main() {
    Generator generator = squares();
    for (int i = 0; i < 4; i++) {
        generator.handle.resume();
        std::printf("%d%c", generator.handle.promise().value, i == 3 ? '\n' : ' ');
    }
}
