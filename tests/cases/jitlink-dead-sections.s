## about: a section that no global symbol leads to is left out, and a field of it that cannot reach is no error
## jitlink: -noexec {objects}
        .globl  main
main:   ret
        .section .rodata
        .byte   main - .
