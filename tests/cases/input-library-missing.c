//# about: A library that is nowhere.
//# link: -lsurely_not_there
//# error: surely_not_there
//# oracle-error: surely_not_there
int main(void) { return 0; }
