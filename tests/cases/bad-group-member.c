//# about: A section group that names a section which does not exist.
//# needs: python3
//# manual: group.s
//# sh: $CC -c group.s && python3 spoil.py
//# link: spoilt.o
//# error: spoilt.o
int main(void) { return 0; }
//# file: group.s
    .section .text.f,"axG",@progbits,f,comdat
    .globl f
f:  ret
//# file: spoil.py
import struct
data = bytearray(open("group.o", "rb").read())
shoff, = struct.unpack_from("<Q", data, 0x28)
count, = struct.unpack_from("<H", data, 0x3c)
for n in range(count):
    header = shoff + 64 * n
    if struct.unpack_from("<I", data, header + 4)[0] == 17:
        struct.pack_into("<I", data, struct.unpack_from("<Q", data, header + 24)[0] + 4, 9999)
open("spoilt.o", "wb").write(data)
