//# about: The program's own terminate handler.
//# stdout: handler 3
//# exit: 9
#include <cstdio>
#include <cstdlib>
#include <exception>
int main() {
    std::set_terminate([] {
        try { std::rethrow_exception(std::current_exception()); } catch (int x) { std::printf("handler %d\n", x); }
        std::exit(9);
    });
    throw 3;
}
