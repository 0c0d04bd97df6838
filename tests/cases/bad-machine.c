//# about: An object for another machine.
//# needs: clang
//# manual: other.c
//# sh: $CLANG --target=aarch64-linux-gnu -c other.c
//# link: other.o
//# error: other.o
int main(void) { return 0; }
//# file: other.c
int other;
