//# about: The initialisers of a library use the program's operator new.
//# shared: libx.so x.cc
//# stdout: 1 1 1
#include <cstdio>
#include <cstdlib>
#include <new>
int made, freed;
void *operator new(std::size_t size) { made++; return static_cast<char *>(std::malloc(size + 16)) + 16; }
void operator delete(void *block) noexcept { freed++; std::free(static_cast<char *>(block) - 16); }
void operator delete(void *block, std::size_t) noexcept { operator delete(block); }
int give();
int main() {
    int was = made > 0;
    int value = give();
    std::printf("%d %d %d\n", was, value, freed > 0);
}
//# file: x.cc
static int *block = new int(1);
int give() { int value = *block; delete block; return value; }
