//# about: A symbol index whose offsets lie outside of the archive.
//# needs: python3
//# archive: libx.a used.o
//# sh: python3 spoil.py
//# args: main.o libx.a
//# skip-oracle: reading the members themselves would be right as well
//# error: libx.a
int used(void);
int main(void) { return used(); }
//# file: used.c
int used(void) { return 0; }
//# file: spoil.py
data = bytearray(open("libx.a", "rb").read())
data[8 + 60 + 4:8 + 60 + 8] = b"\x7f\xff\xff\xff"
open("libx.a", "wb").write(data)
