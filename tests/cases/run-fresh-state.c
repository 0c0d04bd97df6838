//# about: A program starts with errno 0 and no floating-point exception raised, its initialisers too.
//# link: -lm
//# stdout: start 0 0
//# stdout: main 0 0
#include <errno.h>
#include <fenv.h>
#include <stdio.h>
static int first_errno, first_flags;
__attribute__((constructor)) static void start(void) {
    first_errno = errno;
    first_flags = fetestexcept(FE_ALL_EXCEPT);
}
int main(void) {
    int own_errno = errno, own_flags = fetestexcept(FE_ALL_EXCEPT);
    printf("start %d %d\n", first_errno, first_flags);
    printf("main %d %d\n", own_errno, own_flags);
}
