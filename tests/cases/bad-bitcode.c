//# about: LLVM bitcode in place of an object.
//# compilers: clang
//# flags: -flto
//# skip-oracle: it needs a plugin
//# error: main.o
int main(void) { return 3; }
