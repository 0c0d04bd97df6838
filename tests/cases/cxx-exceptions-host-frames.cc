//# about: Exceptions through frames of libc and libstdc++: qsort, bsearch, std::function, and out of libstdc++.
//# flags: -O0 | -O2 -fno-pic
//# stdout: qsort 1
//# stdout: bsearch 2
//# stdout: function 3
//# stdout: stoi
//# stdout: substring
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <stdexcept>
#include <string>
static int thrower1(const void *, const void *) { throw 1; }
static int thrower2(const void *, const void *) { throw 2; }
int main() {
    int numbers[] = {3, 1, 2};
    try { std::qsort(numbers, 3, sizeof(int), thrower1); } catch (int x) { std::printf("qsort %d\n", x); }
    try { std::bsearch(numbers, numbers, 3, sizeof(int), thrower2); } catch (int x) { std::printf("bsearch %d\n", x); }
    try {
        std::function<void(int)> function = [](int x) { throw x; };
        function(3);
    } catch (int x) { std::printf("function %d\n", x); }
    try { std::printf("%d\n", std::stoi("text")); } catch (const std::invalid_argument &problem) { std::puts(problem.what()); }
    try { std::string(std::string("abc"), 10); } catch (const std::out_of_range &) { std::puts("substring"); }
}
