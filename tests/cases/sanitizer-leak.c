//# about: LeakSanitizer finds what nothing leads to, and nothing of Setlink's.
//# flags: -fsanitize=leak
//# needs: -fsanitize=leak
//# link: -fsanitize=leak
//# stderr: Direct leak of
//# stderr: SUMMARY: LeakSanitizer
//# exit: 23
#include <stdlib.h>
static void *volatile kept;
int main(void) {
    // What lies on the stack of functions that have returned may still lead to one.
    for (int i = 0; i < 20; i++)
        kept = malloc(123);
    kept = malloc(321);
    return 0;
}
