//# about: A replaced operator new serves the program and libstdc++'s own code (a stream's buffer, a stable_sort).
//# flags: -O1 -fPIC | -O1 -fno-pic
//# stdout: program 1
//# stdout: library 1
//# stdout: balanced 1
#include <cstdio>
#include <cstdlib>
#include <new>
#include <sstream>
static long allocated, freed;
void *operator new(std::size_t size) {
    allocated++;
    if (void *memory = std::malloc(size)) return memory;
    throw std::bad_alloc();
}
void operator delete(void *memory) noexcept { freed += memory != nullptr; std::free(memory); }
void operator delete(void *memory, std::size_t) noexcept { operator delete(memory); }
int main() {
    long before = allocated;
    delete new int;
    std::printf("program %d\n", allocated - before == 1);
    before = allocated;
    long balance = allocated - freed;
    {
        // std::stringbuf grows inside libstdc++.so, where its templates are instantiated.
        std::ostringstream stream;
        for (int i = 0; i < 1000; i++) stream << "some text that needs a larger buffer each time ";
    }
    std::printf("library %d\n", allocated - before > 3);
    std::printf("balanced %d\n", allocated - freed == balance);
}
