//# about: GNU nested functions that need no trampoline, and a VLA in a callback.
//# stdout: 6
#include <stdio.h>
int main(void) {
    int total = 0;
    void add(int x) { total += x; }
    for (int i = 1; i < 4; i++) add(i);
    printf("%d\n", total);
}
