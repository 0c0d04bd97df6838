## about: types 0, 250 and 251 say something about the object and store nothing
## check:
        .data
        .globl  kept
# jitlink-check: *{8}kept = 0x1122334455667788
# jitlink-check: *{8}(kept + 8) = 0x8877665544332211
kept:
        .reloc  ., R_X86_64_NONE, kept
        .reloc  . + 2, R_X86_64_GNU_VTINHERIT, kept
        .quad   0x1122334455667788
        .reloc  ., R_X86_64_GNU_VTENTRY, kept
        .quad   0x8877665544332211
