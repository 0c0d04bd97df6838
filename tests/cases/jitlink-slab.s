## about: a line of an LLVM test: where the slab lies, absolute symbols in several radices, rules of a name; options with one dash or two, their values joined or not
## jitlink: -noexec -slab-allocate=64Kb -slab-address=0x10000000 -slab-page-size=4096 -abs a=0x123456789 -check=main.s {objects}
## jitlink: --noexec --slab-allocate 64 --slab-address 0x7ff000000000 --slab-page-size 16384 --abs a=0777 --check main.s {objects}
## jitlink: -noexec=true -abs a=0b11 -check=main.s -check-name=jitlink-check-low {objects}
        .text
        .globl  main, data
        .type   main, @function
# jitlink-check: decode_operand(main, 4) = data - next_pc(main)
# jitlink-check: *{8}data = a
# jitlink-check-low: *{8}data = 3
main:   leaq    data(%rip), %rax
        ret
        .size   main, . - main
        .data
data:   .quad   a
        .size   data, 8
