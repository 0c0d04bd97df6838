## about: where a global symbol leads to it, the field is an error: 8 bits do not reach from page to page
## jitlink: -noexec {objects}
## check-error: relocation R_X86_64_PC8 out of range
        .globl  main, field
main:   ret
        .section .rodata
field:  .byte   main - .
