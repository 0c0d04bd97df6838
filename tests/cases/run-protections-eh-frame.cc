//# about: Unwinding works while nothing of the program but its data is writable, many times over.
//# stdout: 10000
#include <cstdio>
struct Counter { int &count; ~Counter() { count++; } };
[[gnu::noinline]] static void thrower(int &count) { Counter counter{count}; throw 1; }
int main() {
    int count = 0;
    for (int i = 0; i < 10000; i++) try { thrower(count); } catch (int) {}
    std::printf("%d\n", count);
}
