//# about: What is wrong with a lazy object is told, though nobody needs it.
//# manual: bad.o
//# sh: printf '\177ELF\002\001\001\0\0\0\0\0\0\0\0\0\001\0\076\0\001\0\0\0' > bad.o
//# args: main.o --start-lib bad.o --end-lib
//# skip-oracle: its message is its own
//# error: bad.o
int main(void) { return 0; }
