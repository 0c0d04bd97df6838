//# about: An object with both machine code and GCC's intermediate code.
//# flags: -O1 -flto -ffat-lto-objects
//# oracle-flags: -fno-lto
//# exit: 3
int three(void);
int main(void) { return three(); }
//# file: three.c
int three(void) { return 3; }
