//# about: Objects of other systems are named by their format.
//# needs: clang
//# manual: other.c
//# sh: $CLANG --target=x86_64-apple-darwin -c other.c -o macho.o
//# sh: $CLANG --target=x86_64-pc-windows-msvc -c other.c -o coff.o
//# link: macho.o coff.o
//# error: macho.o: a file in the format Mach-O is not supported
//# error: coff.o: a file in the format COFF is not supported
int main(void) { return 0; }
//# file: other.c
int other;
