//# about: An alignment that is no power of two, and one of 2^63.
//# needs: python3
//# sh: python3 spoil.py
//# args: three.o huge.o
//# skip-oracle: linkers differ about it
//# error: three.o
//# error: huge.o
int main(void) { return 0; }
//# file: spoil.py
import struct
original = open("main.o", "rb").read()
shoff, = struct.unpack_from("<Q", original, 0x28)
for name, alignment in ("three.o", 3), ("huge.o", 1 << 63):
    data = bytearray(original)
    struct.pack_into("<Q", data, shoff + 64 * 1 + 48, alignment)
    open(name, "wb").write(data)
