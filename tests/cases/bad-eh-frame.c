//# about: A broken .eh_frame is an error or is left unregistered; it never breaks a program that does not unwind.
//# skip-oracle: linkers differ about it
//# error: .eh_frame
int main(void) { return 0; }
//# file: frame.s
    .section .eh_frame,"a",@unwind
    .long 0x7ffffff0, 0, 0, 0
    .section .note.GNU-stack,"",@progbits
