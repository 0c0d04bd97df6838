//# about: AddressSanitizer finds what is wrong in a set, beyond a variable of which it is told by the set's initialisers.
//# flags: -fsanitize=address -g -fPIC | -fsanitize=address -g -fno-pic
//# needs: -fsanitize=address
//# args: -fsanitize=address {objects}
//# stdout: before
//# stderr: AddressSanitizer: global-buffer-overflow
//# stderr: global variable 'table'
//# exit: 1
#include <stdio.h>
static int table[10];
int main(int count, char **arguments) {
    (void)arguments;
    puts("before");
    fflush(stdout);
    return table[count + 9];
}
