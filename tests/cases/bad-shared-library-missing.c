//# about: Shared libraries that need each other are opened, but not if a function is nowhere.
//# shared: libfirst.so first.c
//# shared: libsecond.so second.c
//# args: main.o ./libfirst.so ./libsecond.so
//# error: libsecond.so: undefined symbol `nowhere`
int first(void);
int main(int count, char **arguments) { return count > 1 ? first() : 0; }
//# file: first.c
int second(void);
int first(void) { return second(); }
//# file: second.c
int first(void), nowhere(void);
int second(void) { return first() + nowhere(); }
