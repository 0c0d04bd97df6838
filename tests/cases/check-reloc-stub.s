## about: a call out of reach goes through a stub, one for all callers; the stub jumps through a GOT entry (types 4, 31)
## check: --base 0x10000000 --abs outside=0x7f0000001000
## check: --base 0x10000000 --phony-externals --abs outside=0xffffffff00000000
## check: --base 0x10000000 --no-relax --abs outside=0x7f0000001000
        .globl  f, offset
        .type   f, @function
# jitlink-check: decode_operand(f, 0) = stub_addr(main.o, outside) - next_pc(f)
f:      call    outside@PLT
# jitlink-check: decode_operand(f + 5, 0) = stub_addr(main.o, outside, 0) - (f + 10)
        jmp     outside@PLT
        .size   f, . - f
# jmp *entry(%rip)
# jitlink-check: *{2}stub_addr(main.o, outside) = 0x25ff
# jitlink-check: *{4}(stub_addr(main.o, outside) + 2) = (got_addr(main.o, outside) - (stub_addr(main.o, outside) + 6))[31:0]
# jitlink-check: *{8}got_addr(main.o, outside) = outside
# jitlink-check: stub_addr(other.o, outside) = stub_addr(main.o, outside)
# jitlink-check: got_addr(other.o, outside) = got_addr(main.o, outside)
        .data
# jitlink-check: *{8}offset = stub_addr(main.o, outside) + 1 - _GLOBAL_OFFSET_TABLE_
offset:
        .reloc  ., R_X86_64_PLTOFF64, outside + 1
        .quad   0
## file: other.s
        .globl  g
        .type   g, @function
g:      call    outside@PLT
        .size   g, . - g
