//# about: Constructors may use everything: ifuncs, host functions, relocated constants.
//# flags: -fPIC | -fno-pic
//# stdout: 3 text
#include <stdio.h>
static int implementation(void) { return 3; }
static void *resolve(void) { return implementation; }
int chosen(void) __attribute__((ifunc("resolve")));
static const char *const texts[] = {"text"};
__attribute__((constructor)) static void start(void) { printf("%d %s\n", chosen(), texts[0]); }
int main(void) { return 0; }
