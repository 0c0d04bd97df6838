## about: A section group that is no COMDAT is never discarded.
## needs: python3
## manual: a.s b.s
## sh: $CC -c a.s && $CC -c b.s && python3 plain.py
## args: main.o a.o b.o
## stdout: 1 2
## file: main.c
#include <stdio.h>
int a(void), b(void);
int main(void) { printf("%d %d\n", a(), b()); }
## file: a.s
    .section .text.same,"axG",@progbits,signature,comdat
    .globl a
a:  mov $1, %eax
    ret
    .section .note.GNU-stack,"",@progbits
## file: b.s
    .section .text.same,"axG",@progbits,signature,comdat
    .globl b
b:  mov $2, %eax
    ret
    .section .note.GNU-stack,"",@progbits
## file: plain.py
# Clears GRP_COMDAT.
from elf import Elf, GROUP
for name in "a.o", "b.o":
    x = Elf(name)
    x.set("<I", x.of_kind(GROUP).offset, 0)
    x.save(name)
