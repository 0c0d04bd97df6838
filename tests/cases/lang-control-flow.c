//# about: setjmp and longjmp, computed goto, jump tables, alloca, variable arrays, varargs.
//# compilers: gcc clang
//# flags: -O0 | -O2
//# flags: -fPIC | -fno-pic | -mcmodel=large -fno-pic
//# stdout: jumped 3
//# stdout: goto abc
//# stdout: table 5 8 13 -1
//# stdout: sum 10.5
//# stdout: alloca 45
#include <alloca.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
static jmp_buf back;
static void __attribute__((noinline)) jump(int n) { longjmp(back, n); }
static void __attribute__((noinline)) threaded(const char *code) {
    static void *const labels[] = {&&a, &&b, &&c, &&end};
#define NEXT goto *labels[(*code++ - 'a')]
    NEXT;
a:  putchar('a'); NEXT;
b:  putchar('b'); NEXT;
c:  putchar('c'); NEXT;
end: putchar('\n');
}
static int __attribute__((noinline)) table(int n) {
    switch (n) {
    case 0: return 5;
    case 1: return 8;
    case 2: return 13 * (n == 2);
    case 3: return puts("three");
    case 4: return putchar('4');
    case 5: return n * n + 7;
    default: return -1;
    }
}
static double sum(int count, ...) {
    va_list list;
    double total = 0;
    va_start(list, count);
    while (count--) total += va_arg(list, double);
    va_end(list);
    return total;
}
static int __attribute__((noinline)) stack(int n) {
    int *numbers = alloca(n * sizeof *numbers), array[n], total = 0;
    for (int i = 0; i < n; i++) array[i] = numbers[i] = i;
    for (int i = 0; i < n; i++) total += array[i];
    return total;
}
int main(void) {
    int value = setjmp(back);
    if (!value) jump(3);
    printf("jumped %d\n", value);
    printf("goto ");
    threaded("abcd");
    printf("table %d %d %d %d\n", table(0), table(1), table(2), table(9));
    printf("sum %.1f\n", sum(3, 1.5, 4.0, 5.0));
    printf("alloca %d\n", stack(10));
}
