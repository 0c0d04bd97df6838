## about: a slab has an address only if it has a size
## jitlink: -noexec -slab-address=0x10000000 {objects}
## check-error: -slab-address requires -slab-allocate and -noexec
        .globl  main
main:   ret
