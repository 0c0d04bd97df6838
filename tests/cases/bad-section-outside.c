//# about: A section that lies beyond the end of the file.
//# needs: python3
//# sh: python3 spoil.py
//# args: spoilt.o
//# error: spoilt.o
int main(void) { return 0; }
//# file: spoil.py
import struct
data = bytearray(open("main.o", "rb").read())
shoff, = struct.unpack_from("<Q", data, 0x28)
struct.pack_into("<Q", data, shoff + 64 * 1 + 24, 1 << 62)
open("spoilt.o", "wb").write(data)
