//# about: An object cut short, at a few places: in the header, in the sections, in the section table.
//# sh: size=$(stat -c %s main.o); for n in 3 20 63 64 200 $((size - 1)); do head -c $n main.o > cut_$n.o; done; mv cut_$((size - 1)).o cut_last.o
//# args: cut_3.o cut_20.o cut_63.o cut_64.o cut_200.o cut_last.o
//# error: cut_3.o
//# error: cut_20.o
//# error: cut_63.o
//# error: cut_64.o
//# error: cut_200.o
//# error: cut_last.o
int main(void) { return 0; }
