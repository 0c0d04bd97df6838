//# about: Of the expressions that linkers know, --defsym takes a symbol and a number, and says so.
//# link: --defsym other=main*2
//# oracle: runs
//# error: --defsym other=main*2: expressions other than SYMBOL, SYMBOL+N and SYMBOL-N are not supported
int main(void) { return 0; }
