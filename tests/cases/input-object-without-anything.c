//# about: Objects without code, without symbols, without a section of any use.
//# exit: 4
int main(void) { return 4; }
//# file: empty.c
//# file: nothing.s
    .section .note.GNU-stack,"",@progbits
