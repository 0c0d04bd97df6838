//# about: Variables of two objects.
//# exit: 3
__thread int a = 1;
int b(void);
int main(void) { return a + b(); }
//# file: b.c
__thread int in_b = 2;
int b(void) { return in_b; }
