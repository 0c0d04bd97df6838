//# about: An absolute symbol of two values, or of one that is also the offset of a definition in a section, is defined twice.
//# error: two.o: *ABS*: symbol `number` is defined twice; first in one.o: *ABS*
//# error: two.o: .data+0x0: symbol `offset` is defined twice; first in one.o: *ABS*
//# oracle-error: multiple definition of `number'
//# oracle-error: multiple definition of `offset'
int main(void) { return 0; }
//# file: one.s
    .globl number, offset
    number = 0x1234
    offset = 0
    .section .note.GNU-stack,"",@progbits
//# file: two.s
    .globl number, offset
    number = 0x1235
    .data
offset: .quad 0
    .section .note.GNU-stack,"",@progbits
