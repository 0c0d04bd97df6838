//# about: Expressions of numbers, and sums of them and a symbol's address, in --defsym and in scripts; ASSERT in scripts.
//# file: values.ld
ASSERT(2 * 3 == 6, "arithmetic")
third = (1 << 4 | 3) * 2 - 0x10 / 4;
fourth = array + 2 * 4;
PROVIDE(fifth = 1 ? 5 : 6);
//# file: main.c
//# flags: -mcmodel=large -fno-pic
//# link: values.ld -Wl,--defsym,first=(2+3)*4 -Wl,--defsym,second=array+(1<<2)
//# stdout: 20 4 34 8 5
#include <stdio.h>
char array[16];
extern char first[], second[], third[], fourth[], fifth[];
int main(void) {
    printf("%ld %ld %ld %ld %ld\n", (long)first, (long)(second - array), (long)third, (long)(fourth - array), (long)fifth);
}
