//# about: An archive member whose size is no number.
//# needs: python3
//# archive: libx.a used.o
//# sh: python3 spoil.py
//# args: main.o libx.a
//# error: libx.a
int used(void);
int main(void) { return used(); }
//# file: used.c
int used(void) { return 0; }
//# file: spoil.py
data = bytearray(open("libx.a", "rb").read())
member = data.index(b"used.o/")
data[member + 48:member + 58] = b"many bytes"
open("libx.a", "wb").write(data)
