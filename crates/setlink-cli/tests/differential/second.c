extern int choose(int);
int counter = 5, numbers[64] = {1, 2, 3, 4};
static char zeroes[4096];
const char *const words[] = {"one", "two", "three", (const char *)zeroes + 40};

int apply(int (*f)(int), int x) { return f(x) + zeroes[x]; }
__attribute__((noinline, section(".text.apart"))) int other(int x) { return x > 100 ? choose(x - 1) : counter + x; }
