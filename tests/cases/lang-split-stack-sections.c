//# about: Hot, cold and startup parts: .text.hot, .text.unlikely, .text.startup with references between them.
//# flags: -O2 | -O2 -fno-pic | -O2 -ffunction-sections
//# stdout: hot 5
//# stdout: cold
#include <stdio.h>
__attribute__((cold, noinline)) static void cold(void) { puts("cold"); }
__attribute__((hot, noinline)) static int hot(int x) {
    if (__builtin_expect(x > 100, 0)) cold();
    return x;
}
int main(int argc, char **argv) {
    (void)argv;
    printf("hot %d\n", hot(argc + 4));
    hot(argc + 1000);
}
