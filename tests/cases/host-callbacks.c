//# about: Host functions passed to host functions, and the program's own.
//# flags: -fPIC | -fno-pic
//# stdout: a b c
//# stdout: 3 2 1
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static int descending(const void *a, const void *b) { return *(const int *)b - *(const int *)a; }
static int by_text(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }
int main(void) {
    char *texts[] = {"c", "a", "b"};
    int numbers[] = {2, 3, 1};
    qsort(texts, 3, sizeof *texts, by_text);
    qsort(numbers, 3, sizeof *numbers, descending);
    char rows[3][2] = {"c", "a", "b"};
    qsort(rows, 3, 2, (int (*)(const void *, const void *))strcmp);
    printf("%s %s %s\n", rows[0], rows[1], rows[2]);
    printf("%d %d %d\n", numbers[0], numbers[1], numbers[2]);
    return strcmp(texts[0], rows[0]);
}
