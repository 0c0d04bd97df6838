//# about: exception_ptr, nested_exception, uncaught_exceptions, current_exception in a thread.
//# stdout: kept
//# stdout: outer: inner
//# stdout: 1 0
//# stdout: from thread
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <thread>
struct Counter { ~Counter() { std::printf("%d ", std::uncaught_exceptions()); } };
int main() {
    std::exception_ptr kept;
    try { throw std::runtime_error("kept"); } catch (...) { kept = std::current_exception(); }
    try { std::rethrow_exception(kept); } catch (const std::exception &problem) { std::puts(problem.what()); }
    try {
        try { throw std::runtime_error("inner"); } catch (...) { std::throw_with_nested(std::runtime_error("outer")); }
    } catch (const std::exception &outer) {
        try { std::rethrow_if_nested(outer); } catch (const std::exception &inner) {
            std::printf("%s: %s\n", outer.what(), inner.what());
        }
    }
    try { Counter counter; throw 1; } catch (int) { std::printf("%d\n", std::uncaught_exceptions()); }
    std::exception_ptr passed;
    std::thread([&] { try { throw std::runtime_error("from thread"); } catch (...) { passed = std::current_exception(); } }).join();
    try { std::rethrow_exception(passed); } catch (const std::exception &problem) { std::puts(problem.what()); }
}
