//# about: An exception out of a noexcept function terminates.
//# flags: -O0 | -O2
//# signal: SIGABRT
//# stderr: terminate
void __attribute__((noinline)) thrower() { throw 1; }
void __attribute__((noinline)) promise() noexcept { thrower(); }
int main() {
    try { promise(); } catch (int) { return 5; }
}
