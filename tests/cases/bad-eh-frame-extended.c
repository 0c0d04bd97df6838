//# about: An .eh_frame record with an extended length, as of a section of more than 4 GiB: the error says what is not supported.
//# skip-oracle: linkers differ about it
//# error: frame.o: .eh_frame+0x0: malformed input: a record's extended length, for 64 bits, is not supported
int main(void) { return 0; }
//# file: frame.s
    .section .eh_frame,"a",@unwind
    .long 0xffffffff
    .quad 12
    .long 0
    .byte 1, 0, 1, 0x78, 16, 0, 0, 0
    .section .note.GNU-stack,"",@progbits
