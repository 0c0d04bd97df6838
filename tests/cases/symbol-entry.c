//# about: --entry names the function that is called as main.
//# link: --entry start_here
//# run-args: x
//# exit: 12
int start_here(int argc, char **argv) { return argc * 6 + (argv[2] != 0); }
