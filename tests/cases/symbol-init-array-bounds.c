//# about: __init_array_start and its like bound the arrays.
//# stdout: 1 1 1
#include <stdio.h>
typedef void (*function)(void);
extern function __init_array_start[], __init_array_end[], __fini_array_start[], __fini_array_end[];
extern function __preinit_array_start[], __preinit_array_end[];
__attribute__((constructor)) static void constructor(void) {}
__attribute__((destructor)) static void destructor(void) {}
static int has(function *start, function *end, function wanted) {
    for (; start < end; start++)
        if (*start == wanted) return 1;
    return 0;
}
int main(void) {
    printf("%d %d %d\n", has(__init_array_start, __init_array_end, constructor),
           has(__fini_array_start, __fini_array_end, destructor), __preinit_array_start <= __preinit_array_end);
}
