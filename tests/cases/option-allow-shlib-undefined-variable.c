//# about: A variable that a shared library uses has to be there when the library is loaded, whatever is allowed.
//# file: x.c
extern int lacking;
int x(int n) { return n > 6 ? lacking : n; }
//# file: main.c
int x(int);
int main(int argc, char **argv) { return x(argc); }
//# shared: libx.so x.c
//# link: -Wl,--unresolved-symbols=ignore-in-shared-libs
//# error: undefined symbol: lacking
//# skip-oracle: the loader refuses it when the program starts
