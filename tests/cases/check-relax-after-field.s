## about: A load directly behind another relocated field is relaxed, also when that field's last byte, as stored, looks like
## about: the first of a REX2 prefix.
## check: --base 0x7f0000000000 --abs low=0x12345678 --abs number=0xd5000000
# jitlink-check: *{4}(code + 1) = number
# jitlink-check: *{2}(code + 6) = 0xc0c7
# jitlink-check: *{4}(code + 8) = low
    .text
    .globl code
code:
    mov $number, %eax
    mov low@GOTPCREL(%rip), %rax
    ret
    .section .note.GNU-stack, "", @progbits
