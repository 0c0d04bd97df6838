//# about: One object's hidden declaration of another's symbol does not keep them apart.
//# flags: -fPIC -O1 | -fno-pic -O1
//# exit: 5
__attribute__((visibility("hidden"))) extern int number;
int main(void) { return number; }
//# file: number.c
int number = 5;
