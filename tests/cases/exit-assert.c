//# about: A failing assertion names the program's own file.
//# signal: SIGABRT
//# stderr: main.c
//# stderr: one == 2
#include <assert.h>
int main(int one, char **argv) {
    (void)argv;
    assert(one == 2);
}
