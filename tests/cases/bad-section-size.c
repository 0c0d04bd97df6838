//# about: A .bss of 2^62 bytes is refused without asking for the memory.
//# needs: python3
//# sh: python3 spoil.py
//# args: spoilt.o
//# error: spoilt.o
//# skip-oracle: linkers differ about it
static int zero;
int main(void) { return zero; }
//# file: spoil.py
import struct
data = bytearray(open("main.o", "rb").read())
shoff, = struct.unpack_from("<Q", data, 0x28)
count, = struct.unpack_from("<H", data, 0x3c)
for n in range(count):
    header = shoff + 64 * n
    if struct.unpack_from("<I", data, header + 4)[0] == 8:
        struct.pack_into("<Q", data, header + 32, 1 << 62)
open("spoilt.o", "wb").write(data)
