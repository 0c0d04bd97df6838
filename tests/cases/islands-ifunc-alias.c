//# about: In every island the names of one ifunc have one address, that of the ifunc's own island.
//# flags: -O1 -fPIC | -O1 -fPIC -fno-plt
//# args: --reach 65536 {objects}
//# oracle-args: {objects}
//# stdout: 42 42 42 42 42 42 1 1 1 1
//# plan: /islands/1/number == 1
#include <stdio.h>
typedef int (*function)(void);
int f(void), g(void), one(int), two(int);
function of_one(int), of_two(int), table[] = {f, g};
static volatile char pad[20000];
int main(void) {
    pad[1] = 1;
    printf("%d %d %d %d ", one(0), one(1), two(0), two(1));
    printf("%d %d ", table[0](), table[1]());
    printf("%d %d %d %d\n", of_one(0) == of_one(1), of_two(0) == of_two(1), of_one(0) == of_two(1),
           table[0] == of_two(1) && table[1] == of_one(0));
}

//# file: one.c
typedef int (*function)(void);
int f(void), g(void);
static volatile char pad[30000];
int one(int n) { pad[2] = n; return n ? f() : g(); }
function of_one(int n) { return n ? f : g; }

//# file: ifunc.c
static volatile char pad[30000];
static int implementation(void) { return 42 + pad[3]; }
static void *resolve(void) { return implementation; }
int f(void) __attribute__((ifunc("resolve")));
int g(void) __attribute__((alias("f")));

//# file: two.c
typedef int (*function)(void);
int f(void), g(void);
static volatile char pad[30000];
int two(int n) { pad[4] = n; return n ? f() : g(); }
function of_two(int n) { return n ? f : g; }
