//# about: Relaxed accesses of the set's own variables need no entry at all.
//# compilers: gcc clang
//# flags: -fPIC
//# flags: -mtls-dialect=gnu | -mtls-dialect=gnu2
//# needs: -mtls-dialect=gnu2
//# plan: got_entries == 0
//# plan: relaxed >= 3
//# plan: tls_bytes == 16
//# plan: tls_static_bytes == 16
__thread int global = 1;
extern __thread int other __attribute__((tls_model("initial-exec")));
static __thread int one, two;
int main(void) {
    one++, two++;
    return global + one + two + other - 9;
}
//# file: b.c
__thread int other = 6;
