//# about: An option that is cut too short may be several.
//# link: -Wl,--no-w
//# oracle-error: unrecognized option '--no-w'
//# error: setlink: unknown option --no-w
int main(void) { return 0; }
