//# about: Members that are not taken in do not count.
//# exit: 1
//# archive: libx.a one.o two.o three.o
//# plan: objects == 2
int one(void);
int main(void) { return one(); }
//# file: one.c
int one(void) { return 1; }
//# file: two.c
int two(void) { return 2; }
//# file: three.c
int three(void) { return 3; }
