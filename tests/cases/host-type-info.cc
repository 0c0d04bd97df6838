//# about: type_info and vtables of std classes from non-PIC code: comparisons with libstdc++'s own still hold.
//# compilers: gcc clang
//# flags: -fPIC | -fno-pic
//# stdout: out_of_range logic_error exception
//# stdout: 1 1 1
#include <cstdio>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <typeinfo>
#include <vector>
int main() {
    try {
        std::vector<int>().at(1);
    } catch (const std::exception &problem) {
        std::printf("%s%s%s\n", dynamic_cast<const std::out_of_range *>(&problem) ? "out_of_range" : "",
                    dynamic_cast<const std::logic_error *>(&problem) ? " logic_error" : "",
                    dynamic_cast<const std::runtime_error *>(&problem) ? " runtime_error" : " exception");
        std::printf("%d ", typeid(problem) == typeid(std::out_of_range));
    }
    std::ostringstream stream;
    std::ostream &base = stream;
    std::printf("%d ", typeid(base) == typeid(std::ostringstream));
    std::printf("%d\n", dynamic_cast<std::ostringstream *>(&base) == &stream);
}
