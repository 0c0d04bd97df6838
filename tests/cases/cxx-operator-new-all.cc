//# about: The array, nothrow and aligned forms, replaced and not replaced.
//# stdout: mine mine libstdc++
//# stdout: 0
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <new>
static int mine;
void *operator new(std::size_t size) { mine++; return std::malloc(size); }
void operator delete(void *memory) noexcept { std::free(memory); }
struct alignas(128) Aligned { char bytes[128]; };
int main() {
    const char *names[2] = {"libstdc++", "mine"};
    int before = mine;
    int *array = new int[10];
    bool array_mine = mine > before;
    before = mine;
    int *quiet = new (std::nothrow) int;
    bool quiet_mine = mine > before;
    before = mine;
    Aligned *aligned = new Aligned;
    std::printf("%s %s %s\n%lu\n", names[array_mine], names[quiet_mine], names[mine > before], (std::uintptr_t)aligned % 128);
    delete[] array;
    delete quiet;
    delete aligned;
}
