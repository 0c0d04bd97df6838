//# about: No inputs at all.
//# args: --gc-sections
//# error: input
int main(void) { return 0; }
