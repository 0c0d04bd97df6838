## about: -phony-externals gives what nothing defines the address 0
## jitlink: -noexec -phony-externals -check main.s {objects}
        .globl  main, pointer
main:   movq    pointer(%rip), %rax
        ret
        .data
# jitlink-check: *{8}pointer = 0
pointer:
        .quad   absent
