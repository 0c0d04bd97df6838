//# about: What begins like a number and is none is no symbol for --defsym, and so not undefined.
//# link: --defsym other=5_
//# error: --defsym other=5_: `5_` is not a number of 64 bits
extern char other[];
int main(void) { return other == 0; }
