//# about: --no-gc-sections takes --gc-sections back: what nobody calls takes part, and needs what it refers to.
//# flags: -ffunction-sections
//# link: -Wl,--gc-sections,--no-gc-sections
//# error: missing
void missing(void);
void unused(void) { missing(); }
int main(void) { return 0; }
