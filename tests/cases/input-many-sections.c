//# about: More sections than 16 bits can number: section indexes live in SHT_SYMTAB_SHNDX.
//# needs: python3
//# generate: python3 many.py
//# stdout: 2449965000
//# plan: sections >= 70000
#include <stdio.h>
long sum_of_all(void);
int main(void) { printf("%ld\n", sum_of_all()); }
//# file: many.py
count = 70000
with open("many.s", "w") as out:
    for n in range(count):
        out.write(f'.section .data.n{n},"aw"\nn{n}: .quad {n}\n')
    # One reference to each, by a symbol that lives in it.
    out.write('.section .rodata.table,"aw"\ntable:\n')
    for n in range(count):
        out.write(f".quad n{n}\n")
    out.write(f""".text
.globl sum_of_all
.type sum_of_all, @function
sum_of_all:
    lea table(%rip), %rdx
    lea {8 * count}(%rdx), %rcx
    xor %eax, %eax
1:  mov (%rdx), %rsi
    add (%rsi), %rax
    add $8, %rdx
    cmp %rcx, %rdx
    jne 1b
    ret
.section .note.GNU-stack,"",@progbits
""")
