//# about: A constant of a library that position-dependent code had to copy has one address: the library compares a pointer with its own, walks to a sentinel, and has it in a table.
//# compilers: gcc clang
//# flags: -fno-pic
//# shared: libconstant.so constant.c
//# stdout: 1 3 1 1
#include <stdio.h>
struct node { const struct node *next; int number; };
struct operations { int (*get)(void); };
extern const struct node sentinel;
extern const struct operations operations;
int is_sentinel(const struct node *), count(const struct node *), is_own(const struct operations *);
const struct node *entry(void);
static const struct node third = { &sentinel, 3 }, second = { &third, 2 }, first = { &second, 1 };
int main(void) {
    printf("%d %d %d %d\n", is_sentinel(&sentinel), count(&first), is_own(&operations), entry() == &sentinel);
}
//# file: constant.c
struct node { const struct node *next; int number; };
struct operations { int (*get)(void); };
static int get(void) { return 1; }
const struct node sentinel = { 0, 0 };
const struct operations operations = { get };
static const struct node *const table[] = { &sentinel };
int is_sentinel(const struct node *node) { return node == &sentinel; }
int is_own(const struct operations *its) { return its == &operations; }
const struct node *entry(void) { return table[0]; }
int count(const struct node *node) {
    int count = 0;
    for (; node && node != &sentinel; node = node->next) count++;
    return node ? count : -1;
}
