//# about: AddressSanitizer, which has to be in the process first: what set variables and thread-local ones lead to is no
//# about: leak, exceptions reach their handlers, and the program does not see how the library came there.
//# flags: -fPIC | -fno-pic
//# flags: -fsanitize=address | -fsanitize=address,undefined -fno-sanitize=vptr
//# needs: -fsanitize=address
//# args: -fsanitize=address,undefined {objects} -lstdc++ -lm
//# stdout: caught 100
//# stdout: 3 (null) (null)
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>
static void *kept[2];
static thread_local void *own;
static std::vector<int> &numbers() {
    static auto *list = new std::vector<int>{1, 2, 3};
    return *list;
}
int main() {
    kept[1] = malloc(100);
    own = malloc(10);
    std::thread([] { own = malloc(20), free(own); }).join();
    try {
        throw std::string("caught");
    } catch (const std::string &text) {
        printf("%s %d\n", text.c_str(), kept[1] ? 100 : 0);
    }
    const char *preload = getenv("LD_PRELOAD"), *before = getenv("SETLINK_PRELOAD_BEFORE");
    printf("%zu %s %s\n", numbers().size(), preload ? preload : "(null)", before ? before : "(null)");
}
