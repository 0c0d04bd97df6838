//# about: Exceptions reach their handlers under a sanitizer that the user has put into the process, and which is there
//# about: before the C++ library is.
//# flags: -fsanitize=address -fPIC
//# needs: -fsanitize=address
//# sh: ln -s "$($CC -print-file-name=libasan.so)" libasan.so.0
//# args: {objects} -fsanitize=address
//# env: LD_PRELOAD=./libasan.so.0
//# stdout: caught ./libasan.so.0
#include <cstdio>
#include <cstdlib>
int main() {
    try {
        throw "caught";
    } catch (const char *text) {
        printf("%s %s\n", text, getenv("LD_PRELOAD"));
    }
}
