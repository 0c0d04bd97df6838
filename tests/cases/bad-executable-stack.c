//# about: A nested function whose address is taken lies on the stack, which is not executable.
//# oracle: runs
//# error: main.o: code that is put on the stack
static int call(int (*function)(int)) { return function(1); }
int main(void) {
    volatile int number = 41;
    int add(int other) { return number + other; }
    int (*volatile function)(int) = add;
    return call(function) != 42;
}
