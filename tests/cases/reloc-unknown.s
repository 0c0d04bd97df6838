## about: A relocation type that nobody knows: the error gives its number and place.
## needs: python3
## manual: x.s
## sh: $CC -c x.s && python3 patch.py
## link: x.o
## error: x.o: .data
## error: 94
## oracle-error: 0x5e
## file: main.c
int main(void) { return 0; }
## file: x.s
    .data
    .globl field
field: .quad unique_name_of_target
    .globl unique_name_of_target
unique_name_of_target: .quad 0
    .section .note.GNU-stack,"",@progbits
## file: patch.py
# Gives the only relocation, an R_X86_64_64, the type 94.
import struct
data = bytearray(open("x.o", "rb").read())
shoff, = struct.unpack_from("<Q", data, 0x28)
count, = struct.unpack_from("<H", data, 0x3c)
for n in range(count):
    header = shoff + 64 * n
    if struct.unpack_from("<I", data, header + 4)[0] == 4:
        rela, = struct.unpack_from("<Q", data, header + 24)
        struct.pack_into("<I", data, rela + 8, 94)
open("x.o", "wb").write(data)
