//# about: The address of a host function as non-PIC code sees it is the one that a library's data has.
//# flags: -fPIC | -fno-pic
//# shared: libx.so x.c
//# stdout: 1
#include <stdio.h>
void helper(void);
void (*stored(void))(void);
int main(void) {
    void (*volatile here)(void) = helper;
    printf("%d\n", here == stored());
}
//# file: x.c
void helper(void) {}
void (*stored(void))(void) { return helper; }
