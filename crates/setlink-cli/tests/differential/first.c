/* Together with second.c: calls, data, tables of pointers, a switch, section-local references. */
extern int counter, numbers[64];
extern int apply(int (*)(int), int);
extern const char *const words[];
extern int other(int);
__attribute__((weak)) extern int nowhere(int);

static int state = 3;
static const int squares[] = {0, 1, 4, 9, 16, 25, 36, 49};
int (*functions[])(int) = {other, 0, &nowhere};
int *inside = &numbers[17];

static int twice(int x) { return 2 * x + state; }

int choose(int x) {
    switch (x) {
    case 0: return counter;
    case 1: return numbers[3];
    case 2: return state++;
    case 3: return words[1][0];
    case 4: return apply(twice, x);
    case 5: return squares[counter & 7];
    case 6: return apply(other, squares[x]);
    case 7: return functions[0] == other;
    default: return other(x) + twice(x);
    }
}

int main(void) {
    int sum = 0;
    for (int i = 0; i < 9; i++)
        sum += choose(i) + *inside;
    return sum == 0 && nowhere;
}
