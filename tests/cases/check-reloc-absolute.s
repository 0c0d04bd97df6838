## about: S + A in fields of 64, 32, 16 and 8 bits (psABI 4.4: types 1, 10, 11, 12, 14)
## check: --base 0x400000 --abs wide=0x123456789abcdef0 --abs low=0x12345678 --abs high=0xffffffff87654321 --abs half=0xfedc --abs byte=0xa5 --abs minus=0xffffffffffffff80
## check: --base 0x400000 --no-relax --abs wide=0xfedcba9876543210 --abs low=0xfffffff7 --abs high=0x7ffffff7 --abs half=0x8000 --abs byte=0x7f --abs minus=0xfffffffffffffffe
        .data
        .globl  a64, a32, a32s, a16, a8
# jitlink-check: *{8}a64 = wide
# jitlink-check: *{8}(a64 + 8) = wide + 0x10
# jitlink-check: *{8}(a64 + 16) = wide - 0x10
# jitlink-check: *{8}(a64 + 24) = a64 + 24
a64:    .quad   wide, wide + 0x10, wide - 0x10, .

# jitlink-check: *{4}a32 = low
# jitlink-check: *{4}(a32 + 4) = low + 8
# jitlink-check: *{4}(a32 + 8) = a64
a32:    .long   low, low + 8, a64

# A sign-extended field: what the program reads is the whole address again.
# jitlink-check: *{4}a32s = high[31:0]
# jitlink-check: *{4}(a32s + 4) = (high + 8)[31:0]
a32s:
        .reloc  ., R_X86_64_32S, high
        .long   0
        .reloc  ., R_X86_64_32S, high + 8
        .long   0

# jitlink-check: *{2}a16 = half
# jitlink-check: *{2}(a16 + 2) = half - 1
a16:    .short  half, half - 1

# jitlink-check: *{1}a8 = byte
# jitlink-check: *{1}(a8 + 1) = (byte - 1)
# jitlink-check: *{1}(a8 + 2) = minus[7:0]
a8:     .byte   byte, byte - 1
        .byte   minus
