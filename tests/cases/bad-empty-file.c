//# about: An empty file is no object. (GNU ld takes it for an empty script.)
//# sh: : > empty.o
//# link: empty.o
//# skip-oracle: linkers differ about empty files
//# error: empty.o
int main(void) { return 0; }
