//# about: backtrace() sees the program's frames: main is among the callers.
//# flags: -O0 -fPIC | -O0 -fno-pic
//# stdout: found
#include <execinfo.h>
#include <stdio.h>
int main(void);
static void __attribute__((noinline)) inner(void) {
    void *frames[50];
    int count = backtrace(frames, 50);
    for (int i = 0; i < count; i++)
        if ((char *)frames[i] > (char *)main && (char *)frames[i] < (char *)main + 100) {
            puts("found");
            return;
        }
    printf("not among %d frames\n", count);
}
int main(void) {
    inner();
    return 0;
}
