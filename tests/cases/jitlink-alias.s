## about: -alias gives a symbol a second name, for references and rules
## jitlink: -noexec -alias second=first -check main.s {objects}
        .globl  main, first, pointer
main:   movq    pointer(%rip), %rax
        ret
first:  ret
        .data
# jitlink-check: *{8}pointer = first
pointer:
        .quad   second
