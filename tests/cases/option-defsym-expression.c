//# about: Of the expressions that linkers know, --defsym takes sums and differences, and says so.
//# link: --defsym other=main*2
//# oracle: runs
//# error: --defsym other=main*2: expressions other than sums and differences of numbers and one symbol are not supported
int main(void) { return 0; }
