## about: Z + A (types 32, 33); the size of a common symbol is that of its storage
## check:
        .globl  sized, sizes
        .data
sized:  .skip   24
        .size   sized, 24
        .comm   shared, 40, 8
# jitlink-check: *{4}sizes = 24
# jitlink-check: *{4}(sizes + 4) = 20
# jitlink-check: *{8}(sizes + 8) = 25
# jitlink-check: *{8}(sizes + 16) = 40
sizes:
        .reloc  ., R_X86_64_SIZE32, sized
        .long   0
        .reloc  ., R_X86_64_SIZE32, sized - 4
        .long   0
        .reloc  ., R_X86_64_SIZE64, sized + 1
        .quad   0
        .reloc  ., R_X86_64_SIZE64, shared
        .quad   0
