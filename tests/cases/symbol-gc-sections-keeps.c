//# about: --gc-sections keeps initialisers, finalisers, what they need, and sections with __start_ references.
//# flags: -ffunction-sections -fdata-sections
//# link: --gc-sections
//# stdout: constructor 5
//# stdout: 2
//# stdout: destructor
#include <stdio.h>
static int needed = 5;
__attribute__((constructor)) static void start(void) { printf("constructor %d\n", needed); }
__attribute__((destructor)) static void stop(void) { puts("destructor"); }
extern const int __start_things[], __stop_things[];
__attribute__((section("things"), used)) static const int one = 1, two = 2;
int main(void) { printf("%td\n", __stop_things - __start_things); }
