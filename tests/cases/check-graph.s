## about: the linked set in text: segments, sections, relocations with what they stored, GOT entries, stubs, symbols
## check: --show-graph --base 0x400000 --abs outside=0x7f0000001000
## check-prints: segment code r-x 0x400000 
## check-prints: section main.o: .text 0x400000 0x13 bytes align 1
## check-prints:   0x1 R_X86_64_PLT32 outside-0x4 L+A-P in 32 bits: 0x13
## check-prints:   0x8 R_X86_64_REX_GOTPCRELX inside-0x4 G+A-P relaxed: 48 8d 05
## check-prints: got 0x401000 outside holds 0x7f0000001000
## check-prints: stub 0x400018 outside
## check-prints: symbol inside 0x402000 0x8 bytes defined
## check-prints: symbol outside 0x7f0000001000 0x0 bytes absolute
## check-prints: symbol own 0x400000 0x13 bytes local to main.o
        .type   own, @function
own:    call    outside@PLT
        movq    inside@GOTPCREL(%rip), %rax
        movq    outside@GOTPCREL(%rip), %rcx
        .size   own, . - own
        .data
        .globl  inside
inside: .quad   outside
        .size   inside, 8
