//# about: The stack is aligned as the ABI says in main and in constructors.
//# flags: -O0 | -O2
//# stdout: 0 0
#include <stdint.h>
#include <stdio.h>
static unsigned long in_constructor;
__attribute__((constructor)) static void start(void) { in_constructor = (uintptr_t)__builtin_frame_address(0) % 16; }
int main(void) { printf("%lu %lu\n", in_constructor, (uintptr_t)__builtin_frame_address(0) % 16); }
