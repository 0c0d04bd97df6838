//# about: -fcf-protection: endbr64 and .note.gnu.property do not disturb.
//# flags: -O2 -fcf-protection=full | -O2 -fcf-protection=full -fno-plt
//# stdout: 3
#include <stdio.h>
static int three(void) { return 3; }
int (*volatile pointer)(void) = three;
int main(void) { printf("%d\n", pointer()); }
