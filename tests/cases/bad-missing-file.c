//# about: A file that is not there.
//# link: absent.o
//# error: absent.o
int main(void) { return 0; }
