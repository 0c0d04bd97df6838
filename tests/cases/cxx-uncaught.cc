//# about: An uncaught exception ends in terminate and abort.
//# signal: SIGABRT
//# stderr: nobody catches this
#include <stdexcept>
int main() { throw std::runtime_error("nobody catches this"); }
