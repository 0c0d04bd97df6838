## about: A program without any library: it begins at its own start, and asks the kernel alone.
## link: -nostdlib -static
## stdout: begun
## exit: 5
.globl _start
.text
_start:
    mov $1, %eax
    mov $1, %edi
    lea text(%rip), %rsi
    mov $6, %edx
    syscall
    mov $60, %eax
    mov (%rsp), %rdi
    add $4, %edi
    syscall
.section .rodata
text: .ascii "begun\n"
.section .note.GNU-stack,"",@progbits
