//# about: An object whose header claims big-endian data.
//# sh: cp main.o big.o && printf '\002' | dd of=big.o bs=1 seek=5 conv=notrunc status=none
//# args: big.o
//# error: big.o
int main(void) { return 0; }
