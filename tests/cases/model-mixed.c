//# about: Objects of different models and of PIC, PIE and non-PIC code in one set.
//# flags(a.c): -fPIC
//# flags(b.c): -fPIE
//# flags(c.c): -fno-pic
//# flags(d.c): -mcmodel=large
//# flags(e.c): -mcmodel=medium
//# oracle-flags: -no-pie
//# stdout: a b c d e 15
#include <stdio.h>
const char *a(void), *b(void), *c(void), *d(void), *e(void);
int number;
int main(void) { printf("%s %s %s %s %s ", a(), b(), c(), d(), e()); printf("%d\n", number); }
//# file: a.c
extern int number;
const char *a(void) { number += 1; return "a"; }
//# file: b.c
extern int number;
const char *b(void) { number += 2; return "b"; }
//# file: c.c
extern int number;
const char *c(void) { number += 3; return "c"; }
//# file: d.c
extern int number;
const char *d(void) { number += 4; return "d"; }
//# file: e.c
extern int number;
const char *e(void) { number += 5; return "e"; }
