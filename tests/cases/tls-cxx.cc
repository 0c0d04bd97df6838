//# about: thread_local with a constructor and a destructor.
//# stdout: made destroyed 1
#include <cstdio>
#include <thread>
static int destroyed;
struct Own {
    Own() { std::printf("made "); }
    ~Own() { destroyed++; }
    void touch() {}
};
static thread_local Own own;
int main() {
    std::thread([] { own.touch(); }).join();
    std::printf("destroyed %d\n", destroyed);
}
