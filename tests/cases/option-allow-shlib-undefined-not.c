//# about: What shared libraries refer to and nobody has is an error, of which all are told; whatever objects may lack.
//# file: x.c
void missing(void);
extern int lacking;
int of_program(int);
int x(int n) {
    if (n > 5) missing();
    if (n > 6) lacking = 5;
    return of_program(n);
}
//# file: y.c
void missing(void);
void y(void) { missing(); }
//# file: main.c
int x(int);
void y(void);
int of_program(int n) { return n + 40; }
int main(int argc, char **argv) { return x(argc) + (argc > 3 ? y(), 1 : 0); }
//# shared: libx.so x.c
//# shared: liby.so y.c
//# link: -Wl,--unresolved-symbols=ignore-all -Wl,--no-allow-shlib-undefined
//# error: libx.so: undefined symbol `missing`
//# error: libx.so: undefined symbol `lacking`
//# error: liby.so: undefined symbol `missing`
//# no-error: of_program
//# oracle-error: libx.so: undefined reference to `missing'
