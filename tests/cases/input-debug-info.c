//# about: Debug information of every kind is left alone.
//# compilers: gcc clang
//# flags: -g | -g3 -gdwarf-4 | -g -gz=zlib | -g1 -gdwarf-5 | -g -gsplit-dwarf
//# stdout: 3
#include <stdio.h>
struct point { int x, y; };
static int sum(const struct point *point) { return point->x + point->y; }
int main(void) {
    struct point point = {1, 2};
    printf("%d\n", sum(&point));
}
