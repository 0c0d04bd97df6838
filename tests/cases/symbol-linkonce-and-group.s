## about: A function in a link-once section of one object and in a COMDAT group of another is taken once, either way round.
## exit: 3
    .globl main
main:
    call old_first
    mov %eax, %ebx
    call new_first
    add %ebx, %eax
    mov %eax, %edi
    call exit@PLT
    .section .gnu.linkonce.t.old_first, "ax", @progbits
    .globl old_first
old_first:
    mov $1, %eax
    ret
    .section .text.new_first, "axG", @progbits, new_first, comdat
    .globl new_first
new_first:
    mov $2, %eax
    ret
    .section .note.GNU-stack, "", @progbits
## file: second.s
    .section .text.old_first, "axG", @progbits, old_first, comdat
    .globl old_first
old_first:
    mov $10, %eax
    ret
    .section .gnu.linkonce.t.new_first, "ax", @progbits
    .globl new_first
new_first:
    mov $20, %eax
    ret
    .section .note.GNU-stack, "", @progbits
