## about: the same of a slab's pages, and of a slab that code is to run in
## jitlink: -slab-allocate=64Kb -slab-address=0x10000000 {objects}
## jitlink: -slab-allocate=64Kb -slab-address=0x10000000 -slab-page-size=4096 {objects}
## check-error: requires -slab-allocate and -noexec
        .globl  main
main:   ret
