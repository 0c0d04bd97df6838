## about: Symbol names may hold any bytes.
## stdout: 1 2 3
## file: main.c
#include <stdio.h>
extern int (*functions[])(void);
int main(void) { printf("%d %d %d\n", functions[0](), functions[1](), functions[2]()); }
## file: table.s
    .data
    .globl functions
functions: .quad "a name with blanks", "größe", "x.y$z?(@"
    .section .note.GNU-stack,"",@progbits
## file: names.s
    .text
    .globl "a name with blanks", "größe", "x.y$z?(@"
"a name with blanks": mov $1, %eax
    ret
"größe": mov $2, %eax
    ret
"x.y$z?(@": mov $3, %eax
    ret
    .section .note.GNU-stack,"",@progbits
