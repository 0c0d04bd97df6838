//# about: A reference with an empty version means a base definition, which a library without versions has not.
//# flags: -fPIC | -fno-pic
//# file: library.c
int function(void) { return 5; }
//# file: main.c
//# shared: liblibrary.so library.c
//# error: undefined symbol `function@`
//# oracle-error: function@
#include <stdio.h>
int base(void);
__asm__(".symver base,function@");
int main(void) { printf("%d\n", base()); }
