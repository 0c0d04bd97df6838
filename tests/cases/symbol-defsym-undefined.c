//# about: An alias of a symbol that nothing defines is an undefined symbol, not the address 0.
//# link: --defsym alias=missing
//# error: undefined symbol `alias`
int alias(void);
int main(void) { return alias(); }
