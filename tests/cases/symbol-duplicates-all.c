//# about: All duplicates are reported, with the undefined symbols.
//# error: symbol `one` is defined twice
//# error: symbol `two` is defined twice
//# error: undefined symbol `nowhere`
int nowhere(void);
int one = 1, two = 2;
int main(void) { return nowhere(); }
//# file: b.c
int one = 1;
int two = 2;
