//# about: A directory in place of an object.
//# sh: mkdir folder.o
//# link: folder.o
//# error: folder.o
int main(void) { return 0; }
