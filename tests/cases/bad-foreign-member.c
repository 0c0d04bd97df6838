//# about: A member that is an object of another system, and whose symbol is needed, is named by its format.
//# needs: clang llvm-ar
//# manual: needed.c
//# sh: $CLANG --target=x86_64-pc-windows-msvc -c needed.c -o needed.obj && $LLVM_AR qcs libneeded.a needed.obj
//# args: main.o libneeded.a
//# skip-oracle: GNU ld reads many formats
//# error: libneeded.a(needed.obj): a file in the format COFF is not supported
int needed(void);
int main(void) { return needed(); }
//# file: needed.c
int needed(void) { return 0; }
