//# about: A tour of the library: containers, algorithms, strings, regex, filesystem, locale, variant, chrono.
//# compilers: gcc clang
//# flags: -std=c++17
//# flags: -O2 -fPIC | -O0 -fno-pic
//# stdout: 3 1-2-3 banana
//# stdout: key=value
//# stdout: yes 5
//# stdout: text 1.5
//# stdout: 1234567.50
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>
int main() {
    std::vector<int> numbers{3, 1, 2};
    std::sort(numbers.begin(), numbers.end());
    std::map<std::string, int> fruits{{"cherry", 3}, {"banana", 2}};
    std::unordered_map<std::string, int> hashed(fruits.begin(), fruits.end());
    std::cout << hashed["cherry"] << ' ' << numbers[0] << '-' << numbers[1] << '-' << numbers[2] << ' '
              << fruits.begin()->first << '\n';
    std::smatch match;
    std::string text = "  key = value";
    if (std::regex_search(text, match, std::regex("(\\w+)\\s*=\\s*(\\w+)"))) std::cout << match[1] << '=' << match[2] << '\n';
    namespace fs = std::filesystem;
    fs::create_directories("folder/inner");
    std::ofstream("folder/inner/file") << "12345";
    std::cout << (fs::exists("folder/inner/file") ? "yes " : "no ") << fs::file_size("folder/inner/file") << '\n';
    std::variant<int, std::string> variant = "text";
    std::optional<double> optional = 1.5;
    std::cout << std::get<std::string>(variant) << ' ' << *optional << '\n';
    std::ostringstream out;
    out.imbue(std::locale::classic());
    out << std::fixed << std::setprecision(2) << 1234567.5;
    std::cout << out.str() << '\n';
    if (std::chrono::steady_clock::now().time_since_epoch().count() == 0) return 1;
}
