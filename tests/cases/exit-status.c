//# about: main's return value is the status, its low eight bits.
//# exit: 7
int main(void) { return 256 + 7; }
