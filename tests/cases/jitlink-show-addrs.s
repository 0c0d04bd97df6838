## about: -show-addrs lists symbols, sections, GOT entries and stubs with their addresses and sizes
## jitlink: -noexec -slab-allocate=64Kb -slab-address=0x10000000 -slab-page-size=4096 -abs outside=0x7fff00000000 -check main.s -show-addrs {objects}
## check-prints:   "main" target addr = 0x0000000010000000 (6 bytes)
## check-prints:   "outside" target addr = 0x00007fff00000000 (0 bytes)
## check-prints: File "main.o":
## check-prints:   Section ".text" target addr = 0x0000000010000000 (6 bytes)
## check-prints:   GOT "outside" target addr = 0x0000000010001000 (8 bytes)
## check-prints:   Stubs "outside" target addr = 0x0000000010000008 (8 bytes)
        .globl  main
        .type   main, @function
# jitlink-check: decode_operand(main, 0) = stub_addr(main.o, outside) - next_pc(main)
main:   call    outside@PLT
        ret
        .size   main, . - main
