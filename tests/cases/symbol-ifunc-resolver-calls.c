//# about: A resolver that calls code of other objects, reads relocated constants, and asks for the CPU.
//# stdout: sse2 1
#include <stdio.h>
int chosen(void);
int main(void) { printf("%d\n", chosen()); }
//# file: ifunc.c
#include <stdio.h>
static int with(void) { printf("sse2 "); return 1; }
static int without(void) { return 0; }
static int (*const choices[])(void) = {without, with};
int pick(void);
static void *resolve(void) { return choices[pick()]; }
int chosen(void) __attribute__((ifunc("resolve")));
//# file: pick.c
#include <cpuid.h>
int pick(void) {
    unsigned a, b, c, d;
    return __get_cpuid(1, &a, &b, &c, &d) && (d & bit_SSE2) != 0;
}
