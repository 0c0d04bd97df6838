//# about: Unwinding through a hand-written frame with its own CFI directives.
//# stdout: caught 6
#include <cstdio>
extern "C" void through_assembly(void (*)(int), int);
int main() {
    try { through_assembly([](int x) { throw x; }, 6); } catch (int x) { std::printf("caught %d\n", x); }
}
//# file: through.s
    .text
    .globl through_assembly
    .type through_assembly, @function
through_assembly:
    .cfi_startproc
    push %rbx
    .cfi_def_cfa_offset 16
    .cfi_offset rbx, -16
    sub $32, %rsp
    .cfi_def_cfa_offset 48
    mov %rdi, %rax
    mov %esi, %edi
    call *%rax
    add $32, %rsp
    .cfi_def_cfa_offset 16
    pop %rbx
    .cfi_def_cfa_offset 8
    ret
    .cfi_endproc
    .section .note.GNU-stack,"",@progbits
