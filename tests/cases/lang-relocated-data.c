//# about: Structures full of pointers: to functions, strings, elements, members, each other, across objects.
//# compilers: gcc clang
//# flags: -O0 | -O2
//# flags: -fPIC | -fPIE | -fno-pic | -mcmodel=large -fno-pic
//# stdout: first second third first
//# stdout: 1 2 3
#include "node.h"
#include <stdio.h>
static int one(void) { return 1; }
const struct node first = {"first", &second, one, &numbers[0]};
int main(void) {
    const struct node *node = &first;
    for (int i = 0; i < 4; i++, node = node->next) printf("%s%c", node->name, i < 3 ? ' ' : '\n');
    node = &first;
    for (int i = 0; i < 3; i++, node = node->next)
        printf("%d%c", node->call() == *node->number ? *node->number : -1, i < 2 ? ' ' : '\n');
}
//# file: node.h
struct node {
    const char *name;
    const struct node *next;
    int (*call)(void);
    const int *number;
};
extern const struct node first, second, third;
extern const int numbers[3];
//# file: others.c
#include "node.h"
static int two(void) { return 2; }
static int three(void) { return 3; }
const int numbers[3] = {1, 2, 3};
const struct node second = {"second", &third, two, numbers + 1};
const struct node third = {.name = "third", .next = &first, .call = three, .number = &numbers[2]};
