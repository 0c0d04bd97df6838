//# about: -fno-plt calls and -fPIC data loads within a set leave no entry behind.
//# flags: -O1 -fPIC -fno-plt
//# exit: 42
//# plan: got_entries == 0
//# plan: stubs == 0
//# plan: relaxed >= 3
int get(void);
extern int number;
void set(int);
int main(void) {
    set(42);
    return get() + number;
}
//# file: other.c
int number = 1;
static int kept;
void set(int value) { kept = value; number = 0; }
int get(void) { return kept; }
