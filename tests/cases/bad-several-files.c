//# about: All unreadable files are reported.
//# sh: echo garbage > garbage.o
//# link: absent1.o garbage.o absent2.o
//# error: absent1.o
//# error: garbage.o
//# error: absent2.o
int main(void) { return 0; }
