//# about: Without main there is nothing to run.
//# error: main
int not_main(void) { return 0; }
