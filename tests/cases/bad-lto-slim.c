//# about: An object with GCC's intermediate code only defines nothing that could run.
//# flags: -flto -fno-fat-lto-objects
//# oracle: runs
//# error: main.o: malformed input: the object holds GCC's intermediate code
//# exit: 3
int main(void) { return 3; }
