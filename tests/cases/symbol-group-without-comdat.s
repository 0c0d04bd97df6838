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
# Clears GRP_COMDAT in every group section.
import struct
for name in "a.o", "b.o":
    data = bytearray(open(name, "rb").read())
    shoff, = struct.unpack_from("<Q", data, 0x28)
    count, = struct.unpack_from("<H", data, 0x3c)
    for n in range(count):
        header = shoff + 64 * n
        if struct.unpack_from("<I", data, header + 4)[0] == 17:
            struct.pack_into("<I", data, struct.unpack_from("<Q", data, header + 24)[0], 0)
    open(name, "wb").write(data)
