//# about: --gc-sections keeps unwind tables and personality of what stays.
//# flags: -ffunction-sections -fdata-sections -O1
//# link: --gc-sections
//# stdout: caught 4
#include <cstdio>
[[gnu::noinline]] void thrower(int x) { throw x; }
void nowhere();
void unused() { try { nowhere(); } catch (double) {} }
int main() {
    try { thrower(4); } catch (int x) { std::printf("caught %d\n", x); }
}
