## about: PC-relative operands with an immediate behind them: the addend counts from the end of the instruction.
## stdout: 1 1 1 305419896
## file: main.c
#include <stdio.h>
int number = 300, stored;
int compare8(void), compare32(void), test32(void);
void store(void);
int main(void) {
    store();
    printf("%d %d %d %d\n", compare8(), compare32(), test32(), stored);
}
## file: x.s
    .text
    .globl compare8, compare32, test32, store
compare8:
    xor %eax, %eax
    cmpb $44, number(%rip)
    sete %al
    ret
compare32:
    xor %eax, %eax
    cmpl $300, number(%rip)
    sete %al
    ret
test32:
    xor %eax, %eax
    testl $0x100, number(%rip)
    setne %al
    ret
store:
    movl $0x12345678, stored(%rip)
    ret
    .section .note.GNU-stack,"",@progbits
