//# about: An exception of the program caught in a shared library, and one of the library in the program.
//# shared: libcatcher.so catcher.cc
//# stdout: library caught 5
//# stdout: program caught from library
#include <cstdio>
#include <stdexcept>
void call_and_catch(void (*)());
void throw_from_library();
int main() {
    call_and_catch([] { throw std::runtime_error("5"); });
    try { throw_from_library(); } catch (const std::exception &problem) { std::printf("program caught %s\n", problem.what()); }
}
//# file: catcher.cc
#include <cstdio>
#include <stdexcept>
void call_and_catch(void (*function)()) {
    try { function(); } catch (const std::runtime_error &problem) { std::printf("library caught %s\n", problem.what()); }
}
void throw_from_library() { throw std::logic_error("from library"); }
