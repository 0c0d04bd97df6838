//# about: what the harness defines takes the place of what the objects under test define, and its main runs
//# jitlink: under.o -harness main.o
//# flags: -fPIC
//# jitlink: -noexec under.o -harness main.o
int under_test(void);
int dependency(void) { return 30; }
int main(void) { return under_test() == 33 ? 0 : 1; }
//# file: under.c
__attribute__((noipa)) int dependency(void) { return 5; }
int under_test(void) { return dependency() + 3; }
