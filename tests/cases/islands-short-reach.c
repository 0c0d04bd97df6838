//# about: Where references reach less far, the same program has several islands.
//# flags: -O1 -fPIC | -O1 -fPIC -fno-plt | -O1 -fPIC -mtls-dialect=gnu2
//# args: --reach 65536 {objects}
//# oracle-args: {objects}
//# stdout: one 1 two 3 three 6
//# exit: 3
//# plan: /islands/1/number == 1
#include <stdio.h>
#include <stdlib.h>
extern _Thread_local int total;
void one(void), two(void), three(void);
static volatile char pad[20000];
static void end(void) { printf("three %d\n", total + pad[5]); fflush(stdout); _Exit(3); }
int main(void) {
    atexit(end);
    one();
    two();
    pad[1] = 1;
    three();
    return 1;
}

//# file: one.c
#include <stdio.h>
_Thread_local int total;
static volatile char pad[20000];
void one(void) { pad[2] = ++total; printf("one %d ", pad[2]); }

//# file: two.c
#include <stdio.h>
extern _Thread_local int total;
static volatile char pad[20000];
void two(void) { pad[3] = total += 2; printf("two %d ", pad[3]); }

//# file: three.c
extern _Thread_local int total;
static volatile char pad[20000];
void three(void) { pad[3] = total += 3; }
