## about: rules that cannot be evaluated say why
## check:
## check-error: no symbol `nowhere`
## check-error: `unsized` has no size (.size)
## check-error: has no operand 1, only 0 operands
## check-error: is not a number; its operands are 0 register
## check-error: uses no GOT entry of `sized`: its references became direct ones; --no-relax
## check-error: no relocation of `main.o` refers to `unsized`
## check-error: needs no stub for `sized`
## check-error: no file `absent.o` in the set, which is made of main.o
## check-error: `main.o` has no section `.absent`
## check-error: a load of 8 bytes at 0x1, where the set has none
## check-error: the bytes at `junk`+0 are no instruction: 06
## check-error: is 1 bytes long, and ends before +7
        .globl  unsized, sized, junk
unsized: ret
# jitlink-check: nowhere = 1
# jitlink-check: decode_operand(unsized, 0) = 1
# jitlink-check: decode_operand(sized, 1) = 1
# jitlink-check: decode_operand(load, 0) = 1
# jitlink-check: got_addr(main.o, sized) = 1
# jitlink-check: got_addr(main.o, unsized) = 1
# jitlink-check: stub_addr(main.o, sized) = 1
# jitlink-check: got_addr(absent.o, sized) = 1
# jitlink-check: section_addr(main.o, .absent) = 1
# jitlink-check: *{8}1 = 1
# jitlink-check: decode_operand(junk, 0) = 1
# jitlink-check: decode_operand(sized + 7, 0) = 1
sized:  ret
        .size   sized, . - sized
load:   movq    sized@GOTPCREL(%rip), %rax
        .size   load, . - load
junk:   .byte   0x06
        .size   junk, 1
