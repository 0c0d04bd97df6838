//# about: A program with an unwinder of its own, which finds call frames by what the loader tells, throws through its functions.
//# flags: -fPIC | -fno-pic
//# sh: for name in libgcc_eh.a libstdc++.a; do cp "$(g++ -print-file-name=$name)" own_$name; done
//# args: -nodefaultlibs main.o own_libstdc++.a own_libgcc_eh.a -lgcc -lm -lc
//# stdout: gone 0
//# stdout: gone 1
//# stdout: gone 2
//# stdout: thrown: what
//# stdout: from qsort: 5
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
struct Gone {
    int number;
    ~Gone() { printf("gone %d\n", number); }
};
static void fall(int number) {
    Gone gone{number};
    if (number == 0) throw std::runtime_error("what");
    fall(number - 1);
}
int main() {
    try {
        fall(2);
    } catch (const std::exception &thrown) {
        printf("thrown: %s\n", thrown.what());
    }
    int numbers[3] = {3, 2, 1};
    try {
        qsort(numbers, 3, sizeof *numbers, [](const void *, const void *) -> int { throw 5; });
    } catch (int what) {
        printf("from qsort: %d\n", what);
    }
}
