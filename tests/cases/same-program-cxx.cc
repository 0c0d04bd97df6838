//# about: One rather rich C++ program, compiled in many ways, always prints the same.
//# compilers: gcc clang
//# flags: -std=c++17
//# flags: -O0 | -O2
//# flags: -fPIC | -fPIE | -fno-pic | -mcmodel=large -fno-pic | -fno-plt -fPIC | -ffunction-sections -fdata-sections
//# stdin: the quick brown fox jumps over the lazy dog the end
//# stdout: registered circle square triangle
//# stdout: areas 12.57 4.00 3.00 total 19.57
//# stdout: words dog=1 fox=1 the=3
//# stdout: bad: no shape pentagon
//# stdout: cast 1 2
//# stdout: sorted 9 7 5 3 1
//# stdout: threads 500500
//# stdout: nested 1: 2: 3
//# stdout: goodbye
#include "shapes.h"
#include <algorithm>
#include <iomanip>
#include <iostream>
#include <map>
#include <numeric>
#include <sstream>
#include <thread>
#include <vector>
static void nest(int depth) {
    try {
        if (depth == 3) throw std::runtime_error("3");
        nest(depth + 1);
    } catch (const std::exception &problem) {
        if (depth == 3) throw;
        throw std::runtime_error(std::to_string(depth) + ": " + problem.what());
    }
}
struct Goodbye { ~Goodbye() { std::cout << "goodbye" << std::endl; } } goodbye;
int main() {
    std::cout << "registered";
    for (auto &[name, maker] : registry()) std::cout << ' ' << name;
    std::cout << "\nareas" << std::fixed << std::setprecision(2);
    double total = 0;
    std::vector<std::unique_ptr<Shape>> shapes;
    for (auto &[name, maker] : registry()) {
        shapes.push_back(maker(2));
        total += shapes.back()->area();
        std::cout << ' ' << shapes.back()->area();
    }
    std::cout << " total " << total << '\n';
    std::map<std::string, int> words;
    for (std::string word; std::cin >> word;) words[word]++;
    std::cout << "words";
    for (auto &[word, count] : words)
        if (word.size() == 3 && word != "end") std::cout << ' ' << word << '=' << count;
    std::cout << '\n';
    try { make("pentagon", 1); } catch (const NoShape &problem) { std::cout << "bad: " << problem.what() << '\n'; }
    int polygons = std::count_if(shapes.begin(), shapes.end(), [](auto &shape) { return dynamic_cast<Polygon *>(shape.get()); });
    std::cout << "cast " << shapes.size() - polygons << ' ' << polygons << '\n';
    std::vector<int> numbers{3, 9, 1, 7, 5};
    std::sort(numbers.begin(), numbers.end(), std::greater<>());
    std::cout << "sorted";
    for (int number : numbers) std::cout << ' ' << number;
    std::vector<long> parts(10);
    std::vector<std::thread> threads;
    for (int t = 0; t < 10; t++) threads.emplace_back([&, t] { for (int i = 1; i <= 100; i++) parts[t] += t * 100 + i; });
    for (auto &thread : threads) thread.join();
    std::cout << "\nthreads " << std::accumulate(parts.begin(), parts.end(), 0l) << '\n';
    try { nest(1); } catch (const std::exception &problem) { std::cout << "nested " << problem.what() << '\n'; }
}
//# file: shapes.h
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
struct Shape {
    virtual ~Shape() = default;
    virtual double area() const = 0;
};
struct Polygon : virtual Shape {};
struct NoShape : std::runtime_error { using std::runtime_error::runtime_error; };
using Maker = std::function<std::unique_ptr<Shape>(double)>;
inline std::map<std::string, Maker> &registry() {
    static std::map<std::string, Maker> shapes;
    return shapes;
}
template <class T> struct Register {
    explicit Register(const char *name) { registry()[name] = [](double size) { return std::make_unique<T>(size); }; }
};
std::unique_ptr<Shape> make(const std::string &name, double size);
//# file: round.cc
#include "shapes.h"
struct Circle : Shape {
    double radius;
    explicit Circle(double radius) : radius(radius) {}
    double area() const override { return 3.14159265 * radius * radius; }
};
static Register<Circle> circle("circle");
std::unique_ptr<Shape> make(const std::string &name, double size) {
    auto found = registry().find(name);
    if (found == registry().end()) throw NoShape("no shape " + name);
    return found->second(size);
}
//# file: polygons.cc
#include "shapes.h"
struct Square : Polygon {
    double side;
    explicit Square(double side) : side(side) {}
    double area() const override { return side * side; }
};
struct Triangle : virtual Polygon {
    double base;
    explicit Triangle(double base) : base(base) {}
    double area() const override { return base * 3 / 2; }
};
static Register<Square> square("square");
static Register<Triangle> triangle("triangle");
