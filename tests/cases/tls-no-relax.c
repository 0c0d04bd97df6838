//# about: Without relaxation every access goes through its entry, counted exactly.
//# flags: -fPIC
//# link: --no-relax
//# plan: got_entries >= 3
//# stdout: 3 9 6
#include <stdio.h>
__thread int global = 1;
extern __thread int other __attribute__((tls_model("initial-exec")));
static __thread int one = 4, two = 4;
int main(void) {
    global += 2;
    one++;
    printf("%d %d %d\n", global, one + two, other);
}
//# file: b.c
__thread int other = 6;
