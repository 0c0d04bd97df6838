//# about: An unknown option is an error that names it.
//# link: --no-such-option
//# error: --no-such-option
int main(void) { return 0; }
