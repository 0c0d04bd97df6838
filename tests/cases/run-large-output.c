//# about: Ten thousand lines, all of them, in order.
//# stdout-from: oracle
#include <stdio.h>
int main(void) {
    for (int i = 0; i < 10000; i++) printf("line %d\n", i);
}
