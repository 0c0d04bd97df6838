//# about: Code that addresses such a variable with 32 bits would need a copy, and how much to copy nobody knows.
//# flags: -fno-pic
//# shared: libuntyped.so untyped.s
//# error: `untyped` needs a copy, but its size is not known; compile the reference with -fPIC
//# skip-oracle: GNU ld copies nothing, without a word; ld.lld refuses it
int main(void) {
    int value;
    __asm__("movl untyped, %0" : "=r"(value));
    return value;
}
//# file: untyped.s
.data
.globl untyped
untyped: .long 5
.section .note.GNU-stack,"",@progbits
