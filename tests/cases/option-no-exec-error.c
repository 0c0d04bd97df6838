//# about: --no-exec still finds what is missing.
//# link: --no-exec
//# error: undefined symbol `nowhere`
int nowhere(void);
int main(void) { return nowhere(); }
