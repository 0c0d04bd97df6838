//# about: --gc-sections: -u makes a root; a live reference to nothing is still an error.
//# flags: -ffunction-sections
//# link: --gc-sections -u root
//# error: undefined symbol `nowhere`
//# no-error: elsewhere
//# oracle-error: nowhere
int nowhere(void), elsewhere(void);
int root(void) { return nowhere(); }
int unused(void) { return elsewhere(); }
int main(void) { return 0; }
