//# about: An executable is no object.
//# sh: echo 'int main(void) { return 0; }' > e.c && $CC -no-pie e.c -o finished
//# link: finished
//# error: finished
int main(void) { return 0; }
