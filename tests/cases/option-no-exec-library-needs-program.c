//# about: --no-exec links a program whose shared library calls into it, as a run would.
//# shared: libx.so x.c -Wl,-z,now
//# link: --no-exec
//# skip-oracle: an option of Setlink's
void call_back(void);
void callback(void) {}
int main(void) { call_back(); return 3; }
//# file: x.c
void callback(void);
void call_back(void) { callback(); }
