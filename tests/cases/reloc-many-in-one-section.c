//# about: 100,000 relocations of one section.
//# needs: python3
//# generate: python3 many.py
//# stdout: 4999950000
#include <stdio.h>
extern int *pointers[], numbers[];
int main(void) {
    long sum = 0;
    for (int i = 0; i < 100000; i++) sum += pointers[i] - numbers;
    printf("%ld\n", sum);
}
int numbers[100000];
//# file: many.py
with open("pointers.s", "w") as out:
    out.write('.section .data.rel,"aw"\n.globl pointers\npointers:\n')
    for n in range(100000):
        out.write(f".quad numbers + {4 * n}\n")
    out.write('.section .note.GNU-stack,"",@progbits\n')
