//# about: More than the C library sets aside for static storage; the program does not see how it came by it.
//# flags: -fPIC | -fPIE | -fno-pic
//# flags: -ftls-model=initial-exec | -ftls-model=local-dynamic | -fdata-sections
//# env: GLIBC_TUNABLES=glibc.malloc.check=0
//# run-args: an argument
//# stdout: 1 2 glibc.malloc.check=0 3 unset
#include <stdio.h>
#include <stdlib.h>
static __thread char large[65536] = {1};
int main(int count, char **unused) {
    (void)unused;
    large[65535] = 2;
    char *guard = getenv("SETLINK_TUNABLES_BEFORE");
    printf("%d %d %s %d %s\n", large[0], large[65535], getenv("GLIBC_TUNABLES"), count, guard ? guard : "unset");
}
