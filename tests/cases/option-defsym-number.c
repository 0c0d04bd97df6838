//# about: What begins like a number and is none is no symbol for --defsym, and so not undefined.
//# link: --defsym other=5_
//# error: --defsym other=5_: expressions other than sums and differences of numbers and one symbol are not supported
extern char other[];
int main(void) { return other == 0; }
