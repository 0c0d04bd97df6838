//# about: A line that names the C library's archives: the process has that library, has begun with it, and has its threads.
//# flags: -O1 | -O1 -fno-pic
//# args: -static {objects} -lstdc++ -lm -lpthread -lc
//# stdout: here caught 0.5 2
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>
int main(int count, char **) {
    std::string text;
    errno = 2;
    std::thread([&] { errno = 9, text = std::string("he") + "re"; }).join();
    try {
        throw std::runtime_error("caught");
    } catch (const std::exception &error) {
        printf("%s %s %g %d\n", text.c_str(), error.what(), std::fmod(count + 2.5, 1), errno);
    }
}
