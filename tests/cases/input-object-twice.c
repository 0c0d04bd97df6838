//# about: The same object twice is a duplicate definition.
//# args: main.o one.o one.o
//# error: symbol `one` is defined twice
//# error: one.o
int one(void);
int main(void) { return one(); }
//# file: one.c
int one(void) { return 1; }
