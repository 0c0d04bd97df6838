//# about: -mlarge-data-threshold=0 puts everything into large sections.
//# flags: -mcmodel=medium -mlarge-data-threshold=0 -O1
//# flags: -fno-pic | -fPIC
//# stdout: 3 4
#include <stdio.h>
int a = 3, b;
int main(void) {
    b = a + 1;
    printf("%d %d\n", a, b);
}
