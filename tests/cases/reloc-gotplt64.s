## about: R_X86_64_GOTPLT64: the offset of the entry that a stub would use.
## stdout: hello
## file: main.c
int greet(const char *);
int main(void) { greet("hello"); }
## file: x.s
    .text
    .globl greet
greet:
    lea _GLOBAL_OFFSET_TABLE_(%rip), %rcx
    movabs $puts@GOTPLT, %rax
    jmp *(%rcx,%rax)
    .section .note.GNU-stack,"",@progbits
