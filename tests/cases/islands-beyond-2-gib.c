//# about: A set of more than 2 GiB is cut into islands, each with its own entries and stubs, and runs.
//# flags: -O0 -fPIC | -O2 -fPIC
//# skip-oracle: GNU ld has one GOT, which not all of the code reaches
//# exit: 31
//# plan: total_bytes > 5000000000
//# plan: /islands/3/number == 3
//# plan: /islands/0/stubs >= 1
int last(int), shared = 9;
static volatile char large[1ul << 30];
int main(void) {
    large[sizeof large - 1] = 2;
    return last(10) + large[sizeof large - 1];
}

//# file: one.c
extern int shared;
static volatile char large[1ul << 30];
int one(int n) { return n + large[n] + shared; }

//# file: two.c
static volatile char large[1ul << 30];
int two(int n) { return 1 + large[n]; }

//# file: three.c
extern int one(int), two(int), shared;
static volatile char large[1ul << 30];
static int same(int n) { return one(n) + large[n] + shared; }
int (*choose)(int) = same;

//# file: four.c
extern int two(int), (*choose)(int);
static volatile char large[1ul << 30];
int last(int n) { return choose(n) + two(n) + large[n]; }
