//# about: What a library lacks that only one of the set's libraries needs: the message names that one.
//# sh: $CC -shared -fPIC -o libsecond.so second.c
//# manual: second.c
//# shared: libfirst.so first.c -L. -lsecond -Wl,-rpath,{dir}
//# error: libsecond.so: undefined symbol: absent
//# oracle-error: absent
int first(void);
int main(void) { return first(); }
//# file: first.c
int second(void);
int first(void) { return second(); }
//# file: second.c
int absent(void);
int second(void) { return absent(); }
