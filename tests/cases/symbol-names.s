## about: Symbol names may hold any bytes.
## stdout: 1 2 3
## file: main.c
#include <stdio.h>
int one(void) __asm__("a name with blanks"), two(void) __asm__("größe"), three(void) __asm__("x.y$z?@");
int main(void) { printf("%d %d %d\n", one(), two(), three()); }
## file: names.s
    .text
    .globl "a name with blanks", "größe", "x.y$z?@"
"a name with blanks": mov $1, %eax
    ret
"größe": mov $2, %eax
    ret
"x.y$z?@": mov $3, %eax
    ret
    .section .note.GNU-stack,"",@progbits
