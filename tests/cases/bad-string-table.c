//# about: Names that begin beyond the end of the string table.
//# needs: python3
//# sh: python3 spoil.py
//# args: spoilt.o
//# skip-oracle: linkers differ about it
//# error: spoilt.o
int main(void) { return 0; }
//# file: spoil.py
import struct
data = bytearray(open("main.o", "rb").read())
shoff, = struct.unpack_from("<Q", data, 0x28)
count, = struct.unpack_from("<H", data, 0x3c)
for n in range(count):
    header = shoff + 64 * n
    if struct.unpack_from("<I", data, header + 4)[0] == 2:
        offset, size = struct.unpack_from("<QQ", data, header + 24)
        struct.pack_into("<I", data, offset + size - 24, 0x7fffffff)
open("spoilt.o", "wb").write(data)
