## about: a set larger than the slab is refused
## jitlink: -noexec -slab-allocate=1Kb {objects}
## jitlink-alone: LLVM's tool counts whole pages, however small the slab
## check-error: exceeds the limit of 0x400 bytes
        .globl  main, data
main:   ret
        .data
data:   .skip   4096
