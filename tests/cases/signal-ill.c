//# about: ud2 kills by SIGILL.
//# signal: SIGILL
int main(void) { __builtin_trap(); }
