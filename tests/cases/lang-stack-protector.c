//# about: -fstack-protector-strong and -D_FORTIFY_SOURCE: canaries and checked functions of libc.
//# compilers: gcc clang
//# flags: -O2 -fstack-protector-strong -D_FORTIFY_SOURCE=2
//# flags: -fPIC | -fno-pic
//# signal: SIGABRT
//# stdout: before
//# stderr: stack smashing detected
#include <stdio.h>
#include <string.h>
#include <unistd.h>
static void __attribute__((noinline)) smash(int length) {
    char buffer[8];
    for (volatile int i = 0; i < length; i++) ((volatile char *)buffer)[i] = 'x';
}
int main(void) {
    char text[10];
    strcpy(text, "before\n");
    write(1, text, strlen(text));
    smash(40);
}
