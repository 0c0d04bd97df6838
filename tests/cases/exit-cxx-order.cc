//# about: Static destructors, atexit handlers and destructor functions: each in reverse order of its registration.
//# stdout: main
//# stdout: local static
//# stdout: handler
//# stdout: global
//# stdout: destructor function
#include <cstdio>
#include <cstdlib>
struct Noisy {
    const char *name;
    ~Noisy() { std::puts(name); }
};
Noisy global{"global"};
__attribute__((destructor)) static void stop() { std::puts("destructor function"); }
int main() {
    std::atexit([] { std::puts("handler"); });
    static Noisy local{"local static"};
    std::puts("main");
}
