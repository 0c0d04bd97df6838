//# about: --defsym gives a symbol the address of another one.
//# link: --defsym alias=real --defsym other_number=number
//# stdout: real 5 1
#include <stdio.h>
int number = 5;
void real(void) { printf("real "); }
void alias(void);
extern int other_number;
int main(void) {
    alias();
    int *volatile address = &other_number;
    printf("%d %d\n", other_number, address == &number);
}
