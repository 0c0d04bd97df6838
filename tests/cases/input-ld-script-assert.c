//# about: What a script asserts, and is not so, is an error with the script's message.
//# file: values.ld
ASSERT(1 > 2, "one is less than two")
//# file: main.c
//# link: values.ld
//# error: one is less than two
//# oracle-error: one is less than two
int main(void) { return 0; }
