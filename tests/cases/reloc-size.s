## about: R_X86_64_SIZE32 and SIZE64: sizes of symbols, plus addends.
## stdout: 400 404 400 3
## file: main.c
#include <stdio.h>
int numbers[100];
char letters[3] = "abc";
extern unsigned size32, size32_more;
extern unsigned long size64, size64_letters;
int main(void) { printf("%u %u %lu %lu\n", size32, size32_more, size64, size64_letters); }
## file: x.s
    .data
    .globl size32, size32_more, size64, size64_letters
size32: .long numbers@SIZE
size32_more: .long numbers@SIZE + 4
size64: .quad numbers@SIZE
size64_letters: .quad letters@SIZE
    .section .note.GNU-stack,"",@progbits
