//# about: Function multiversioning as GCC makes it: a COMDAT resolver that uses __cpu_model of libgcc.a.
//# sh: cp $($CC -print-libgcc-file-name) libgcc.a
//# link: libgcc.a
//# flags: -O2 | -O2 -fno-pic
//# stdout: 4950
#include <stdio.h>
__attribute__((target_clones("avx2", "default"), noinline)) int sum(int n) {
    int total = 0;
    for (int i = 0; i < n; i++) total += i;
    return total;
}
int main(void) { printf("%d\n", sum(100)); }
