## about: R_X86_64_CODE_4_GOTPCRELX (for instructions with a REX2 prefix) at least gives a right entry.
## needs: python3
## manual: x.s
## sh: $CC -c x.s && python3 patch.py
## link: x.o
## skip-oracle: older linkers do not know this relocation
## stdout: 5
## file: main.c
#include <stdio.h>
int five = 5;
extern int offset;
int main(void) { printf("%d\n", **(int **)((char *)&offset + offset)); }
## file: x.s
    .data
    .globl offset
    .long 0x8b48d5, 0
offset: .long five@GOTPCREL
    .section .note.GNU-stack,"",@progbits
## file: patch.py
# Turns the only relocation, an R_X86_64_GOTPCREL, into type 43.
import struct
data = bytearray(open("x.o", "rb").read())
shoff, = struct.unpack_from("<Q", data, 0x28)
count, = struct.unpack_from("<H", data, 0x3c)
for n in range(count):
    header = shoff + 64 * n
    if struct.unpack_from("<I", data, header + 4)[0] == 4:
        rela, = struct.unpack_from("<Q", data, header + 24)
        struct.pack_into("<I", data, rela + 8, 43)
open("x.o", "wb").write(data)
