//# about: Every undefined symbol is reported, with the object and the section that refer to it.
//# error: main.o: .text+0x
//# error: undefined symbol `first_missing`
//# error: undefined symbol `second_missing`
//# error: b.o: .data
//# error: undefined symbol `third_missing`
//# oracle-error: third_missing
int first_missing(void), second_missing(void);
int main(void) { return first_missing() + second_missing(); }
//# file: b.c
extern int third_missing;
int *pointer = &third_missing;
