//# about: The large model: 64-bit addresses of everything, host functions and data too.
//# compilers: gcc clang
//# flags: -mcmodel=large
//# flags: -O0 -fno-pic | -O2 -fno-pic | -O0 -fPIC | -O2 -fPIC
//# stdout: 3 text 8
//# stdout: stdout
#include <stdio.h>
#include <string.h>
int number = 3;
static char buffer[16];
const char *text(void);
int main(void) {
    strcpy(buffer, text());
    printf("%d %s %d\n", number, buffer, number + 5);
    fputs("stdout\n", stdout);
}
//# file: text.c
static const char *const texts[] = {"other", "text"};
const char *text(void) { return texts[1]; }
