// A program that leans on libstdc++: streams, locales, regular expressions, exceptions, threads, containers, the file
// system, dynamic_cast, static initialisers and finalisers. Arguments: a directory to work in.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iomanip>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <queue>
#include <random>
#include <regex>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <typeinfo>
#include <unordered_map>
#include <vector>

namespace fs = std::filesystem;

struct Announcer {
    explicit Announcer(const char *name) : name(name) { std::cout << "+ " << name << '\n'; }
    ~Announcer() { std::cout << "- " << name << std::endl; }
    const char *name;
};
static Announcer global("global");
inline Announcer &lazy() {
    static Announcer instance("function static");
    return instance;
}

struct Shape {
    virtual ~Shape() = default;
    virtual double area() const = 0;
};
struct Named {
    virtual ~Named() = default;
    virtual std::string name() const { return "named"; }
};
struct Circle : Shape, Named {
    explicit Circle(double r) : r(r) {}
    double area() const override { return 3.25 * r * r; }
    std::string name() const override { return "circle"; }
    double r;
};
struct Square : virtual Shape {
    double area() const override { return 4; }
};

struct Failure : std::runtime_error {
    Failure(const std::string &what, int code) : std::runtime_error(what), code(code) {}
    int code;
};

template <int N> int dive(int fail_at) {
    Announcer guard(N % 2 ? "odd frame" : "even frame");
    if (N == fail_at) throw Failure("at " + std::to_string(N), N);
    return N + dive<N - 1>(fail_at);
}
template <> int dive<0>(int) { return 0; }

static void exceptions() {
    for (int at : {2, 9}) {
        try {
            std::cout << "dive: " << dive<4>(at) << '\n';
        } catch (const std::logic_error &) {
            std::cout << "wrong handler\n";
        } catch (const std::exception &e) {
            std::cout << "caught " << e.what() << ", code " << dynamic_cast<const Failure &>(e).code << '\n';
        }
    }
    try { // thrown by the library, through the library's own frames and a callback of ours
        std::vector<int> v{3, 1, 2};
        std::sort(v.begin(), v.end(), [](int a, int b) { return a == b ? throw Failure("equal", 7) : a < b; });
        std::map<int, int>{}.at(5);
    } catch (const std::out_of_range &e) {
        std::cout << "out_of_range: " << e.what() << '\n';
    }
    try {
        std::stoi("none");
    } catch (const std::invalid_argument &e) {
        std::cout << "invalid_argument: " << e.what() << '\n';
    }
    try {
        try {
            throw Failure("inner", 1);
        } catch (...) {
            std::throw_with_nested(std::runtime_error("outer"));
        }
    } catch (const std::exception &e) {
        std::cout << e.what();
        try {
            std::rethrow_if_nested(e);
        } catch (const Failure &inner) {
            std::cout << " over " << inner.what() << '\n';
        }
    }
    try {
        std::ios checked(nullptr);
        checked.exceptions(std::ios::badbit);
    } catch (const std::ios_base::failure &) {
        std::cout << "stream failure\n";
    }
}

static void casts() {
    std::vector<std::unique_ptr<Shape>> shapes;
    shapes.push_back(std::make_unique<Circle>(2));
    shapes.push_back(std::make_unique<Square>());
    for (auto &shape : shapes) {
        auto *named = dynamic_cast<Named *>(shape.get());
        std::cout << typeid(*shape).name() << ' ' << shape->area() << ' ' << (named ? named->name() : "-") << '\n';
    }
}

static void text() {
    std::ostringstream out;
    out << std::hex << std::showbase << 255 << ' ' << std::dec << std::setw(8) << std::setfill('*') << 42 << ' '
        << std::fixed << std::setprecision(3) << 2.0 / 3 << ' ' << std::boolalpha << true << ' ' << std::quoted("a\"b");
    std::cout << out.str() << '\n';
    std::istringstream in("12 3.5 word 0x1f");
    int i, h;
    double d;
    std::string w;
    in >> i >> d >> w >> std::hex >> h;
    std::cout << i << ' ' << d << ' ' << w << ' ' << h << ' ' << in.eof() << '\n';
    std::regex pattern(R"((\w+)@(\w+)\.(com|org))");
    std::string mail = "ann@home.org, bob@work.com, nobody@nowhere";
    for (std::sregex_iterator m(mail.begin(), mail.end(), pattern), end; m != end; ++m)
        std::cout << (*m)[1] << " at " << (*m)[2] << '\n';
    std::cout << std::regex_replace(mail, pattern, "<$1>") << '\n';
    std::wcout.flush();
}

static void threads() {
    std::mutex mutex;
    std::condition_variable ready;
    std::queue<int> queue;
    std::atomic<long> sum{0};
    bool done = false;
    std::vector<std::thread> workers;
    for (int t = 0; t < 4; t++)
        workers.emplace_back([&] {
            for (;;) {
                std::unique_lock lock(mutex);
                ready.wait(lock, [&] { return done || !queue.empty(); });
                if (queue.empty()) return;
                int job = queue.front();
                queue.pop();
                lock.unlock();
                try {
                    if (job % 100 == 0) throw Failure("hundred", job);
                    sum += job;
                } catch (const Failure &e) {
                    sum += 10 * e.code;
                }
            }
        });
    for (int job = 1; job <= 1000; job++) {
        std::lock_guard lock(mutex);
        queue.push(job);
        ready.notify_one();
    }
    {
        std::lock_guard lock(mutex);
        done = true;
    }
    ready.notify_all();
    for (auto &worker : workers) worker.join();
    std::cout << "sum " << sum << '\n';
    auto shared = std::make_shared<std::vector<int>>(1000);
    std::iota(shared->begin(), shared->end(), 0);
    std::vector<std::thread> holders;
    for (int t = 0; t < 4; t++) holders.emplace_back([shared] { auto copy = shared; (void)copy; });
    for (auto &holder : holders) holder.join();
    std::cout << "uses " << shared.use_count() << '\n';
}

static void containers() {
    std::unordered_map<std::string, int> counts;
    std::istringstream words("the cat the dog the end");
    for (std::string word; words >> word;) counts[word]++;
    std::map<std::string, int> sorted(counts.begin(), counts.end());
    for (auto &[word, count] : sorted) std::cout << word << '=' << count << ' ';
    std::mt19937 random(42);
    std::set<int> drawn;
    std::uniform_int_distribution<int> die(1, 1000);
    while (drawn.size() < 5) drawn.insert(die(random));
    std::function<int(int)> factorial = [&](int n) { return n < 2 ? 1 : n * factorial(n - 1); };
    std::cout << "| " << drawn.size() << ' ' << factorial(10) << '\n';
}

static void files(const fs::path &base) {
    fs::path dir = base / "cxx-work";
    fs::remove_all(dir);
    fs::create_directories(dir / "a" / "b");
    for (int i = 0; i < 3; i++) std::ofstream(dir / "a" / ("file" + std::to_string(i))) << std::string(i * 10, 'x');
    std::map<std::string, std::uintmax_t> found;
    for (auto &entry : fs::recursive_directory_iterator(dir))
        found[fs::relative(entry.path(), dir).string()] = entry.is_regular_file() ? entry.file_size() : 0;
    for (auto &[name, size] : found) std::cout << name << ' ' << size << '\n';
    std::error_code error;
    std::cout << (fs::file_size(dir / "missing", error) == std::uintmax_t(-1)) << ' ';
    std::cout << error.category().name() << ": " << error.message() << '\n';
    try {
        fs::copy(dir / "missing", dir / "to");
    } catch (const fs::filesystem_error &e) {
        std::cout << "filesystem_error " << e.code().value() << '\n';
    }
    std::cout << "removed " << fs::remove_all(dir) << '\n';
}

int main(int argc, char **argv) {
    std::ios::sync_with_stdio(argc > 5);
    lazy();
    exceptions();
    casts();
    text();
    threads();
    containers();
    files(argc > 1 ? argv[1] : ".");
    std::cerr << "done\n";
    return 5;
}
