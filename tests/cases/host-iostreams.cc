//# about: std::cout, cin and cerr from every kind of code.
//# compilers: gcc clang
//# flags: -fPIC | -fPIE | -fno-pic | -fno-pic -mcmodel=large
//# stdin: 20 22
//# stdout: sum 42
//# stdout: 1.50 ff
//# stderr: error
#include <iomanip>
#include <iostream>
int main() {
    int a, b;
    std::cin >> a >> b;
    std::cout << "sum " << a + b << std::endl;
    std::cout << std::fixed << std::setprecision(2) << 1.5 << ' ' << std::hex << 255 << '\n';
    std::cerr << "error\n";
}
