//# about: A version that the library does not have.
//# error: foo
//# error: V7
//# shared: libv.so v.c -Wl,--version-script=v.map
int foo(void);
__asm__(".symver foo, foo@V7");
int main(void) { return foo(); }
//# file: v.c
int foo(void) { return 1; }
//# file: v.map
V1 { global: foo; local: *; };
