//# about: A relocation against a symbol that does not exist.
//# needs: python3
//# sh: python3 spoil.py
//# args: spoilt.o
//# error: spoilt.o
int number;
int *pointer = &number;
int main(void) { return 0; }
//# file: spoil.py
import struct
data = bytearray(open("main.o", "rb").read())
shoff, = struct.unpack_from("<Q", data, 0x28)
count, = struct.unpack_from("<H", data, 0x3c)
for n in range(count):
    header = shoff + 64 * n
    if struct.unpack_from("<I", data, header + 4)[0] == 4:
        offset, = struct.unpack_from("<Q", data, header + 24)
        struct.pack_into("<I", data, offset + 12, 0x7fffff)
open("spoilt.o", "wb").write(data)
