## about: types that only executables and shared libraries have (5 to 8, 16, 36 to 38) are refused, each by name
## check:
## check-error: R_X86_64_COPY
## check-error: R_X86_64_GLOB_DAT
## check-error: R_X86_64_JUMP_SLOT
## check-error: R_X86_64_RELATIVE
## check-error: R_X86_64_DTPMOD64
## check-error: R_X86_64_TLSDESC
## check-error: R_X86_64_IRELATIVE
## check-error: R_X86_64_RELATIVE64
# jitlink-check: 1 = 1
        .data
        .globl  kept
kept:   .reloc  ., R_X86_64_COPY, kept
        .quad   0
        .reloc  ., R_X86_64_GLOB_DAT, kept
        .quad   0
        .reloc  ., R_X86_64_JUMP_SLOT, kept
        .quad   0
        .reloc  ., R_X86_64_RELATIVE, kept
        .quad   0
        .reloc  ., R_X86_64_DTPMOD64, kept
        .quad   0
        .reloc  ., R_X86_64_TLSDESC, kept
        .quad   0
        .reloc  ., R_X86_64_IRELATIVE, kept
        .quad   0
        .reloc  ., R_X86_64_RELATIVE64, kept
        .quad   0
