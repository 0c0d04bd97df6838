## about: without -phony-externals that is an error
## jitlink: -noexec {objects}
## jitlink: -noexec -phony-externals=false {objects}
## check-error: undefined symbol `absent`
        .globl  main, pointer
main:   movq    pointer(%rip), %rax
        ret
        .data
pointer:
        .quad   absent
