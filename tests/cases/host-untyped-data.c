//# about: A symbol of a library that has neither type nor size and does not lie in code is not taken for a function, for which a stub could stand: code that has its address through the GOT reads the variable.
//# flags: -fPIC
//# shared: libuntyped.so untyped.s
//# stdout: 5 3
#include <stdio.h>
extern int untyped, untyped_end[], typed[];
int main(void) { printf("%d %td\n", untyped, untyped_end - typed); }
//# file: untyped.s
.data
.globl untyped, untyped_end, typed
untyped: .long 5
.type typed, @object
.size typed, 12
typed: .long 1, 2, 3
untyped_end: .long 0
.section .note.GNU-stack,"",@progbits
