//# about: AddressSanitizer, which has to be in the process first: what set variables and thread-local ones lead to is no
//# about: leak, exceptions reach their handlers, and the program does not see how the library came there, nor the room for
//# about: its thread-local variables.
//# flags: -fPIC | -fno-pic
//# flags: -fsanitize=address | -fsanitize=address,undefined -fno-sanitize=vptr
//# needs: -fsanitize=address
//# args: -fsanitize=address,undefined {objects} -lstdc++ -lm
//# stdout: caught 100
//# stdout: 3 1 (null) (null) (null)
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>
static void *kept[2];
static thread_local void *own;
static thread_local char large[65536] = {1};
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
    printf("%zu %d", numbers().size(), large[0] + large[65535]);
    for (const char *name : {"LD_PRELOAD", "SETLINK_PRELOAD_BEFORE", "GLIBC_TUNABLES"}) {
        const char *value = getenv(name);
        printf(" %s", value ? value : "(null)");
    }
    puts("");
}
