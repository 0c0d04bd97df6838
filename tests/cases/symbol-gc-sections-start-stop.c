//# about: With -z start-stop-gc, __start_X and __stop_X keep no section: of those of that name, what else is reached stays.
//# flags: -ffunction-sections
//# link: -Wl,--gc-sections -Wl,-z,start-stop-gc
//# stdout: 1 2
//# file: other.c
__attribute__((section("array"), used)) static int dropped = 3;
int get_dropped(void) { return dropped; }
//# file: main.c
#include <stdio.h>
__attribute__((section("array"))) int kept = 2;
extern int __start_array[], __stop_array[];
int main(void) { printf("%d %d\n", (int)(__stop_array - __start_array), kept); }
