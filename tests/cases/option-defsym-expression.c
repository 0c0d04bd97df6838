//# about: Of the expressions that linkers know, --defsym takes no products of addresses, and says so.
//# link: --defsym other=main*2
//# oracle: runs
//# error: --defsym other=main*2: expressions other than those of numbers, and sums of them and one symbol, are not supported
int main(void) { return 0; }
