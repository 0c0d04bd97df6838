//# about: An .eh_frame record longer than its section.
//# skip-oracle: linkers differ about it
//# error: .eh_frame
int main(void) { return 0; }
//# file: frame.s
    .section .eh_frame,"a",@unwind
    .long 0x7ffffff0, 0, 0, 0
    .section .note.GNU-stack,"",@progbits
